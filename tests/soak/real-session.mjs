import { SessionActivityTracker, SystemClock } from 'session-activity-tracker';

/** How early a Node timer may fire against the clock. */
const EARLY_MS = 1;

/** The real clock, which also remembers the reading that a tracker reckons with: what it last had its timer count from. */
export class WatchedClock extends SystemClock {
  decidedAtMs = NaN;
  /** How often a timer fired that was cancelled, or not scheduled again. */
  strayRings = 0;
  #pending = new Set();

  get pendingTimers() {
    return this.#pending.size;
  }

  createTimer(callback) {
    const timer = super.createTimer((nowMs) => {
      if (!this.#pending.delete(timer)) this.strayRings++;
      callback(nowMs);
    });
    return {
      schedule: (delayMs, nowMs) => {
        this.#pending.add(timer);
        this.decidedAtMs = nowMs;
        timer.schedule(delayMs, nowMs);
      },
      cancel: () => {
        this.#pending.delete(timer);
        timer.cancel();
      },
    };
  }
}

/** A session that is busy all the time, and knows when each of its beats is due. */
export class RealSession {
  expected = 0;
  counted = 0;
  /** Beats that a block of the event loop swallowed: those missed are not made up. */
  swallowed = 0;
  late = 0;
  sent = 0;
  worstMs = 0;
  #clock;
  #intervalMs;
  #findings;
  #tracker;
  #activity;
  #startedMs;
  /** What the tracker said of the beat that comes now, if it is late. */
  #reportedMs;

  constructor(clock, gate, registry, intervalMs, isAsynchronous, findings) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#findings = findings;
    const diagnostics = { log: (level, event, data) => this.#onEvent(event, data) };
    this.#tracker = new SessionActivityTracker(clock, diagnostics, gate, registry, { intervalMs });
    this.#tracker.registerCallback(isAsynchronous ? () => Promise.resolve() : () => undefined);
    this.#activity = this.#tracker.start('api_call');
    this.#startedMs = clock.decidedAtMs;
  }

  /** Ends the session, unless a beat is or was due shortly. @returns {boolean} whether it has ended. */
  stopBetweenBeats() {
    const intervals = (this.#clock.now() - this.#startedMs) / this.#intervalMs;
    if (Math.abs((intervals % 1) - 0.5) > 0.25) return false;
    this.expected = Math.floor(intervals);
    const { lateHeartbeats, keepalives } = this.#tracker.snapshot();
    this.sent = keepalives.sent;
    this.#findings.check(lateHeartbeats === this.late, () => `${this.late} late beats, but ${lateHeartbeats} counted`);
    this.#findings.check(
      this.expected === this.counted + this.swallowed,
      () => `${this.expected} beats of ${this.#intervalMs} ms expected, ${this.counted} counted`,
    );
    this.#findings.check(this.sent === this.counted, () => `${this.counted} beats, but ${this.sent} sent`);
    this.#activity.stop();
    this.#tracker.dispose();
    return true;
  }

  #onEvent(event, data) {
    if (event === 'session_keepalive_late') this.#reportedMs = data.late_ms;
    else if (event === 'session_keepalive_heartbeat') this.#onBeat();
  }

  #onBeat() {
    const beat = this.counted + this.swallowed + 1;
    const lateMs = this.#clock.decidedAtMs - this.#startedMs - beat * this.#intervalMs;
    const reportedMs = this.#reportedMs;
    this.#reportedMs = undefined;
    this.counted++;
    this.swallowed += Math.max(0, Math.floor(lateMs / this.#intervalMs));
    this.worstMs = Math.max(this.worstMs, lateMs);
    if (reportedMs !== undefined) this.late++;
    this.#findings.check(lateMs > -EARLY_MS, () => `a beat came ${-lateMs} ms early`);
    const isToBeReported = lateMs >= this.#intervalMs / 10;
    this.#findings.check(
      isToBeReported === (reportedMs !== undefined) && Math.abs((reportedMs ?? lateMs) - lateMs) <= 1,
      () => `a beat of ${this.#intervalMs} ms that was ${lateMs} ms late was reported as ${reportedMs}`,
    );
  }
}

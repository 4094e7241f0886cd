import { SessionActivityTracker, SystemClock } from 'session-activity-tracker';

/** A Node timer may fire up to 1 ms early, and the tracker reads the clock a little later than this test. */
const TOLERANCE_MS = 2;

/** The real clock, which also remembers the reading by which a tracker decides: the first one when a timer fires. */
export class WatchedClock extends SystemClock {
  decidedAtMs = NaN;
  /** How often a timer fired that was cancelled, or not scheduled again. */
  strayTimers = 0;
  #pending = new Set();
  #isFiring = false;

  get pendingTimers() {
    return this.#pending.size;
  }

  now() {
    const nowMs = super.now();
    if (this.#isFiring || Number.isNaN(this.decidedAtMs)) this.decidedAtMs = nowMs;
    this.#isFiring = false;
    return nowMs;
  }

  createTimer(callback) {
    const timer = super.createTimer(() => {
      if (!this.#pending.delete(timer)) this.strayTimers++;
      this.#isFiring = true;
      callback();
    });
    return {
      schedule: (delayMs) => {
        this.#pending.add(timer);
        timer.schedule(delayMs);
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
  beats = 0;
  late = 0;
  sent = 0;
  worstMs = 0;
  #clock;
  #intervalMs;
  #findings;
  #tracker;
  #activity;
  /** When the next beat is due. */
  #dueAtMs;
  /** What the tracker said of the beat that comes now, if it is late. */
  #reportedMs;

  constructor(clock, gate, registry, intervalMs, isAsynchronous, findings) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#findings = findings;
    const diagnostics = { log: (level, event, data) => this.#onEvent(event, data) };
    this.#tracker = new SessionActivityTracker(clock, diagnostics, gate, registry, { intervalMs });
    this.#tracker.registerCallback(isAsynchronous ? () => Promise.resolve() : () => undefined);
    this.#dueAtMs = clock.now() + intervalMs;
    this.#activity = this.#tracker.start('api_call');
  }

  /** Ends the session, unless a beat is or was due shortly. @returns {boolean} whether it has ended. */
  stopBetweenBeats() {
    const untilDueMs = this.#dueAtMs - this.#clock.now();
    if (Math.abs(untilDueMs / this.#intervalMs - 0.5) > 0.25) return false;
    const { lateHeartbeats, keepalives } = this.#tracker.snapshot();
    this.sent = keepalives.sent;
    this.#findings.check(lateHeartbeats === this.late, () => `${this.late} late beats, but ${lateHeartbeats} counted`);
    this.#findings.check(this.sent === this.beats, () => `${this.beats} beats, but ${this.sent} sent`);
    this.#activity.stop();
    this.#tracker.dispose();
    return true;
  }

  #onEvent(event, data) {
    if (event === 'session_keepalive_late') this.#reportedMs = data.late_ms;
    else if (event === 'session_keepalive_heartbeat') this.#onBeat();
  }

  #onBeat() {
    const { decidedAtMs } = this.#clock;
    const lateMs = decidedAtMs - this.#dueAtMs;
    const isReported = this.#reportedMs !== undefined;
    this.beats++;
    this.worstMs = Math.max(this.worstMs, lateMs);
    if (isReported) this.late++;
    this.#findings.check(lateMs > -TOLERANCE_MS, () => `a beat came ${-lateMs} ms early`);
    this.#findings.check(
      Math.abs(lateMs - (this.#reportedMs ?? 0)) < (isReported ? TOLERANCE_MS : this.#intervalMs / 10 + TOLERANCE_MS),
      () => `a beat of ${this.#intervalMs} ms that was ${lateMs} ms late was reported as ${this.#reportedMs}`,
    );
    this.#dueAtMs = (isReported ? decidedAtMs : this.#dueAtMs) + this.#intervalMs;
    this.#reportedMs = undefined;
  }
}

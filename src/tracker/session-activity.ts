import type { Clock, Timer } from '../ports/clock.js';
import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import type { KeepaliveGate } from '../ports/keepalive-gate.js';
import { ActivityLedger } from './activity-ledger.js';
import { idleEventName, report, type ShutdownData } from './events.js';
import type { Keepalive, KeepaliveSend } from './keepalive.js';
import { KeepaliveSender, type PendingSend } from './keepalive-sender.js';
import type { ResolvedOptions } from './options.js';
import { Pulse } from './pulse.js';
import type { Activity } from './running-activity.js';
import type { SessionActivitySnapshot } from './snapshot.js';
import { ignoreRejection, quietly } from './thenable.js';

/** A ring that is less than this early is on time: Node's timers fire up to 1 ms early against `performance.now()`. */
const TICK_MS = 1;

/** A ring that is off by less than this may tell the time. */
const PUNCTUAL_MS = 10;

/** Is told that a session has become busy, or idle. */
export type BusyObserver = (busy: boolean) => unknown;

/**
 * Joins what runs, when something is due and what is sent: the ledger of one session, with its pulse and its sender.
 *
 * Its one timer rings at the earliest deadline of the pulse and of the sender or before, never after. A deadline that
 * moves away is left to be found not due yet, so that work which bounces touches no timer.
 */
export class SessionActivity<Reason extends string> extends ActivityLedger<Reason> {
  /** Is told when work begins to run and when none runs any more. */
  observer: BusyObserver | undefined = undefined;
  readonly sender: KeepaliveSender<Reason>;
  readonly #clock: Clock;
  readonly #diagnostics: DiagnosticsLogger;
  readonly #gate: KeepaliveGate;
  readonly #options: ResolvedOptions;
  readonly #limitsAge: boolean;
  readonly #pulse: Pulse;
  readonly #timer: Timer;
  #ringsAtMs = Infinity;
  #lateBeats = 0;

  constructor(clock: Clock, diagnostics: DiagnosticsLogger, gate: KeepaliveGate, options: ResolvedOptions) {
    super();
    this.#clock = clock;
    this.#diagnostics = diagnostics;
    this.#gate = gate;
    this.#options = options;
    this.#limitsAge = options.maxActivityMs !== Infinity;
    this.#pulse = new Pulse(options);
    this.sender = new KeepaliveSender(diagnostics);
    // Bound, not an arrow: half the memory, in every session there is.
    this.#timer = clock.createTimer(this.#onRing.bind(this));
  }

  start(reason: Reason): Activity<Reason> {
    const nowMs = this.#clock.now();
    const activity = this.startAt(nowMs, reason);
    if (this.refcount === 1) this.#onFirstStarted(nowMs);
    return activity;
  }

  protected override onAllStopped(): void {
    if (this.#pulse.isBeating()) {
      const nowMs = this.#clock.now();
      this.#pulse.pause(nowMs);
      this.#setTimer(nowMs);
    }
    if (this.observer) tell(this.observer, false);
  }

  protected override onUnmatchedStop(reason: string): void {
    report(this.#diagnostics, 'warn', 'session_activity_unmatched_stop', { reason });
  }

  /**
   * Makes `send` the sender. While work runs, the rhythm goes on or starts.
   *
   * @returns the generation that it is of.
   */
  register(send: KeepaliveSend<Reason>): number {
    if (this.refcount > 0) this.#beat(this.#clock.now());
    return this.sender.replace(send);
  }

  /** Leaves no sender, no beat, no idle event and no pending timer. */
  unregister(): void {
    this.#pulse.halt();
    this.#ringsAtMs = Infinity;
    this.#timer.cancel();
    this.sender.replace(undefined);
  }

  /** Sends one keep-alive now, if there is a sender and the gate is open. */
  signal(): void {
    if (!this.sender.isRegistered || !this.#passesGate()) return;
    this.sender.expire(this.#clock.now());
    this.#send('signal', Infinity);
  }

  snapshot(): SessionActivitySnapshot<Reason> {
    const nowMs = this.#clock.now();
    return Object.freeze({
      tracking: this.sender.isRegistered,
      refcount: this.refcount,
      active: this.counts(),
      busyMs: this.busyMs(nowMs),
      oldestActivityMs: this.oldestMs(nowMs),
      nextHeartbeatMs: this.#pulse.isBeating() ? Math.max(0, Math.floor(this.#pulse.dueAtMs - nowMs)) : null,
      overdue: this.countOverdue(nowMs, this.#options.maxActivityMs),
      lateHeartbeats: this.#lateBeats,
      keepalives: Object.freeze(this.sender.counts()),
    });
  }

  /** Forgets what runs and drops the sender. Nothing starts afterwards. */
  override close(): void {
    const wasBusy = this.refcount > 0;
    super.close();
    this.unregister();
    if (wasBusy && this.observer) tell(this.observer, false);
  }

  stillRunning(): ShutdownData {
    return {
      refcount: this.refcount,
      active: this.counts(),
      oldest_activity_ms: this.busyMs(this.#clock.now()),
    };
  }

  #onFirstStarted(nowMs: number): void {
    if (this.sender.isRegistered) this.#beat(nowMs);
    if (this.observer) tell(this.observer, true);
  }

  #beat(nowMs: number): void {
    this.#pulse.start(nowMs);
    this.#setTimer(nowMs);
  }

  /** Has the timer ring by the earliest deadline. */
  #setTimer(nowMs: number): void {
    const dueAtMs = Math.min(this.#pulse.dueAtMs, this.sender.deadlineMs);
    if (dueAtMs >= this.#ringsAtMs) return;
    this.#ringsAtMs = dueAtMs;
    this.#timer.schedule(Math.max(0, dueAtMs - nowMs), nowMs);
  }

  #onRing(toldMs = NaN): void {
    // What a clock passes to its callbacks may be anything, unless it is about the time that it is to be.
    const clockMs = Math.abs(toldMs - this.#ringsAtMs) < PUNCTUAL_MS ? toldMs : this.#clock.now();
    const nowMs = this.#ringsAtMs - clockMs < TICK_MS ? Math.max(clockMs, this.#ringsAtMs) : clockMs;
    this.#ringsAtMs = Infinity;
    // The sender first: a send that is given up never blocks the beat of the same moment.
    const expired = this.sender.expire(nowMs);
    const lateMs = this.#pulse.takeBeat(nowMs);
    const isIdle = this.#pulse.takeIdle(nowMs);
    // Armed before a beat calls anything outside, which may take long, as the report of an expiry may have.
    this.#setTimer(expired ? this.#clock.now() : clockMs);
    if (lateMs !== undefined) this.#onBeat(lateMs, nowMs);
    if (isIdle) report(this.#diagnostics, 'info', idleEventName(this.#options.idleAfterMs));
  }

  /** Each step is taken only while the rhythm goes on: what the one before called may have ended it. */
  #onBeat(lateMs: number, nowMs: number): void {
    const { rhythm } = this.#pulse;
    const isLate = this.#pulse.isLate(lateMs);
    if (isLate) {
      this.#lateBeats++;
      report(this.#diagnostics, 'warn', 'session_keepalive_late', { late_ms: Math.floor(lateMs) });
    }
    if (!this.#pulse.isBeating(rhythm)) return;
    report(this.#diagnostics, 'debug', 'session_keepalive_heartbeat', { refcount: this.refcount });
    const vouches = !this.#limitsAge || this.#vouches(nowMs, rhythm);
    if (!this.#pulse.isBeating(rhythm)) return;
    // A beat may come a little less late than the one before, whose send is to be over by then.
    const latestMs = isLate ? Infinity : this.#pulse.dueAtMs;
    if (!vouches) this.sender.withhold();
    else if (this.#passesGate() && this.#pulse.isBeating(rhythm)) this.#send('heartbeat', latestMs);
  }

  /** Reports what has become overdue. @returns whether something runs that is not. */
  #vouches(nowMs: number, rhythm: number): boolean {
    const { maxActivityMs } = this.#options;
    for (const activity of this.newlyOverdue(nowMs, maxActivityMs)) {
      if (!this.#pulse.isBeating(rhythm)) return false;
      if (!activity.isPunctual) continue;
      activity.becomeOverdue();
      const held_ms = Math.floor(nowMs - activity.startedAtMs);
      report(this.#diagnostics, 'warn', 'session_activity_overdue', { reason: activity.reason, held_ms });
    }
    return this.countOverdue(nowMs, maxActivityMs) < this.refcount;
  }

  #send(trigger: Keepalive['trigger'], latestMs: number): void {
    const pending = this.sender.send(trigger, this.refcount, this.counts());
    if (pending) this.#limitSend(pending, latestMs);
  }

  /** The time of a send begins when its promise is there. It is over at `latestMs`, unless that has passed already. */
  #limitSend(pending: PendingSend, latestMs: number): void {
    const nowMs = this.#clock.now();
    const deadlineMs = nowMs + this.#options.sendTimeoutMs;
    pending.deadlineMs = nowMs < latestMs ? Math.min(deadlineMs, latestMs) : deadlineMs;
    this.#setTimer(nowMs);
  }

  /** Asks the gate. A keep-alive that it holds back is counted. */
  #passesGate(): boolean {
    try {
      const answer: unknown = this.#gate.isOpen();
      ignoreRejection(answer);
      if (answer === true) return true;
    } catch {
      // A gate that throws is closed.
    }
    this.sender.withhold();
    return false;
  }
}

function tell(observer: BusyObserver, busy: boolean): void {
  quietly(() => observer(busy));
}

import type { Clock, Timer } from '../ports/clock.js';
import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import type { KeepaliveGate } from '../ports/keepalive-gate.js';
import { ActivityLedger, type LedgerListener } from './activity-ledger.js';
import { idleEventName, report, type ShutdownData } from './events.js';
import { type Keepalive, type KeepaliveSend, KeepaliveSender } from './keepalive-sender.js';
import type { ResolvedOptions } from './options.js';
import { Pulse } from './pulse.js';
import type { Activity } from './running-activity.js';
import type { SessionActivitySnapshot } from './snapshot.js';
import { quietly } from './thenable.js';

/**
 * Joins what runs, when something is due and what is sent: the ledger, the pulse and the sender of one session.
 *
 * Its one timer rings at the earliest deadline of the pulse and of the sender or before, never after. A deadline that
 * moves away is left to be found not due yet, so that work which bounces touches no timer.
 */
export class SessionActivity<Reason extends string> implements LedgerListener {
  readonly ledger = new ActivityLedger<Reason>(this);
  readonly sender: KeepaliveSender<Reason>;
  readonly #clock: Clock;
  readonly #diagnostics: DiagnosticsLogger;
  readonly #gate: KeepaliveGate;
  readonly #options: ResolvedOptions;
  readonly #pulse: Pulse;
  readonly #timer: Timer;
  #ringsAtMs = Infinity;
  #lateBeats = 0;

  constructor(clock: Clock, diagnostics: DiagnosticsLogger, gate: KeepaliveGate, options: ResolvedOptions) {
    this.#clock = clock;
    this.#diagnostics = diagnostics;
    this.#gate = gate;
    this.#options = options;
    this.#pulse = new Pulse(options);
    this.sender = new KeepaliveSender(diagnostics, options.sendTimeoutMs);
    // Bound, not an arrow: half the memory, in every session there is.
    this.#timer = clock.createTimer(this.#onRing.bind(this));
  }

  start(reason: Reason): Activity<Reason> {
    const nowMs = this.#clock.now();
    const activity = this.ledger.start(reason, nowMs);
    if (this.ledger.refcount === 1 && this.sender.isRegistered) this.#beat(nowMs);
    return activity;
  }

  onAllStopped(): void {
    if (!this.#pulse.isBeating()) return;
    this.#pulse.pause(this.#clock.now());
    this.#ringBy(this.#pulse.dueAtMs);
  }

  onUnmatchedStop(reason: string): void {
    report(this.#diagnostics, 'warn', 'session_activity_unmatched_stop', { reason });
  }

  /**
   * Makes `send` the sender. While work runs, the rhythm goes on or starts.
   *
   * @returns the generation that it is of.
   */
  register(send: KeepaliveSend<Reason>): number {
    if (this.ledger.refcount > 0) this.#beat(this.#clock.now());
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
    this.#send('signal', this.#clock.now());
  }

  snapshot(): SessionActivitySnapshot<Reason> {
    const nowMs = this.#clock.now();
    return Object.freeze({
      tracking: this.sender.isRegistered,
      refcount: this.ledger.refcount,
      active: Object.freeze(this.ledger.counts()),
      busyMs: wholeMs(this.ledger.busyMs(nowMs)),
      oldestActivityMs: wholeMs(this.ledger.oldestMs(nowMs)),
      nextHeartbeatMs: this.#pulse.isBeating() ? Math.max(0, Math.floor(this.#pulse.dueAtMs - nowMs)) : null,
      overdue: this.ledger.countOverdue(nowMs, this.#options.maxActivityMs),
      lateHeartbeats: this.#lateBeats,
      keepalives: Object.freeze(this.sender.counts()),
    });
  }

  stillRunning(): ShutdownData {
    return {
      refcount: this.ledger.refcount,
      active: this.ledger.counts(),
      oldest_activity_ms: wholeMs(this.ledger.busyMs(this.#clock.now())),
    };
  }

  #beat(nowMs: number): void {
    this.#pulse.start(nowMs);
    this.#ringBy(this.#pulse.dueAtMs);
  }

  #ringBy(dueAtMs: number): void {
    if (dueAtMs >= this.#ringsAtMs) return;
    this.#ringsAtMs = dueAtMs;
    this.#timer.schedule(Math.max(0, dueAtMs - this.#clock.now()));
  }

  #onRing(): void {
    this.#ringsAtMs = Infinity;
    const nowMs = this.#clock.now();
    // The sender first: a send that is given up never blocks the beat of the same moment.
    this.sender.expire(nowMs);
    const lateMs = this.#pulse.takeBeat(nowMs);
    if (lateMs !== undefined) this.#onBeat(lateMs, nowMs);
    else if (this.#pulse.takeIdle(nowMs)) report(this.#diagnostics, 'info', idleEventName(this.#options.idleAfterMs));
    this.#ringBy(Math.min(this.#pulse.dueAtMs, this.sender.deadlineMs));
  }

  /** Each step is taken only while the heartbeat runs: what the one before called may have stopped it. */
  #onBeat(lateMs: number, nowMs: number): void {
    const { intervalMs, maxActivityMs } = this.#options;
    if (lateMs >= intervalMs / 10) {
      this.#lateBeats++;
      report(this.#diagnostics, 'warn', 'session_keepalive_late', { late_ms: Math.floor(lateMs) });
    }
    if (!this.#pulse.isBeating()) return;
    report(this.#diagnostics, 'debug', 'session_keepalive_heartbeat', { refcount: this.ledger.refcount });
    for (const { reason, startedAtMs } of this.ledger.takeNewlyOverdue(nowMs, maxActivityMs)) {
      if (!this.#pulse.isBeating()) return;
      report(this.#diagnostics, 'warn', 'session_activity_overdue', {
        reason,
        held_ms: Math.floor(nowMs - startedAtMs),
      });
    }
    if (!this.#pulse.isBeating()) return;
    if (this.ledger.countOverdue(nowMs, maxActivityMs) === this.ledger.refcount) this.sender.withhold();
    else this.#send('heartbeat', nowMs);
  }

  #send(trigger: Keepalive['trigger'], nowMs: number): void {
    if (!this.sender.isRegistered) return;
    if (quietly(() => this.#gate.isOpen()) !== true) this.sender.withhold();
    else if (trigger === 'signal' || this.#pulse.isBeating()) {
      this.sender.send(trigger, this.ledger.refcount, this.ledger.counts(), nowMs);
      this.#ringBy(this.sender.deadlineMs);
    }
  }
}

function wholeMs(ms: number | null): number | null {
  return ms === null ? null : Math.floor(ms);
}

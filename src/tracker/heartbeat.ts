import type { Clock } from '../ports/clock.js';
import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import type { KeepaliveGate } from '../ports/keepalive-gate.js';
import type { KeepaliveSend, KeepaliveTrigger } from '../ports/keepalive.js';
import type { Activities } from './activities.js';
import { type KeepaliveSummaryData, logEvent } from './events.js';
import { HeartbeatSchedule } from './heartbeat-schedule.js';
import { ignoreRejection } from './ignore-errors.js';
import { KeepaliveSender } from './keepalive-sender.js';
import type { ResolvedOptions } from './options.js';
import { SessionClock, type TimerOwner } from './session-clock.js';

/** The session that a heartbeat belongs to. */
export interface HeartbeatOwner {
  /** Called when the idle event is due. */
  onIdle(): void;
}

/**
 * What a session does on time: heartbeats, timeouts of sends, the idle event.
 *
 * The one timer is armed whenever something is due later: it fires at the earliest deadline of the schedule and of the
 * send in flight, or before.
 */
export class Heartbeat<Reason extends string> implements TimerOwner {
  readonly clock: SessionClock;
  readonly schedule: HeartbeatSchedule;
  readonly sender: KeepaliveSender<Reason>;
  readonly #diagnostics: DiagnosticsLogger;
  readonly #gate: KeepaliveGate;
  readonly #options: ResolvedOptions;
  readonly #activities: Activities<Reason>;
  readonly #owner: HeartbeatOwner;
  #lateHeartbeats = 0;
  #wasKeepaliveDue = false;

  constructor(
    clock: Clock,
    diagnostics: DiagnosticsLogger,
    gate: KeepaliveGate,
    options: ResolvedOptions,
    activities: Activities<Reason>,
    owner: HeartbeatOwner,
  ) {
    this.clock = new SessionClock(clock, this);
    this.schedule = new HeartbeatSchedule(options);
    this.sender = new KeepaliveSender(this.clock, diagnostics, options);
    this.#diagnostics = diagnostics;
    this.#gate = gate;
    this.#options = options;
    this.#activities = activities;
    this.#owner = owner;
  }

  /** How many heartbeats came late by a tenth of the interval or more. */
  get lateHeartbeats(): number {
    return this.#lateHeartbeats;
  }

  /** What became of the keep-alives, if any was ever due. */
  get summary(): KeepaliveSummaryData | undefined {
    return this.#wasKeepaliveDue ? { ...this.sender.counts(), late: this.#lateHeartbeats } : undefined;
  }

  /** Work began. */
  start(nowMs: number): void {
    if (!this.sender.isRegistered) return;
    this.schedule.start(nowMs);
    this.clock.armAnew(this.dueAtMs, nowMs);
  }

  /** The last work ended. */
  pause(nowMs: number): void {
    if (this.schedule.isBeating()) this.schedule.pause(nowMs);
    this.arm();
  }

  /** Arms the timer for what is due next, unless it is. */
  arm(): void {
    this.clock.arm(this.dueAtMs);
  }

  /** @returns the function that aborts the send in flight of the sender before. */
  register(send: KeepaliveSend<Reason>): (() => void) | undefined {
    const nowMs = this.clock.now();
    const isBusy = this.#activities.refcount > 0;
    const abortPending = this.sender.replace(send);
    this.schedule.changeSender(nowMs, isBusy);
    if (isBusy) this.clock.armAnew(this.dueAtMs, nowMs);
    else this.arm();
    return abortPending;
  }

  /** Leaves no sender and nothing due. @returns the function that aborts the send in flight. */
  unregister(): (() => void) | undefined {
    const abortPending = this.sender.replace(undefined);
    this.schedule.halt();
    this.clock.disarm();
    return abortPending;
  }

  /** Sends one keep-alive now, if a sender is registered and the gate is open. */
  signal(): void {
    if (!this.sender.isRegistered) return;
    this.#wasKeepaliveDue = true;
    if (!this.isGateOpen()) {
      this.sender.withhold('gate');
      return;
    }
    this.sender.expire(this.clock.now());
    this.send('signal', Infinity);
  }

  onTimer(nowMs: number): void {
    // A send that is given up does not block the beat of the same moment.
    this.sender.expire(nowMs);
    const lateMs = this.schedule.consumeDueHeartbeat(nowMs);
    const isIdleDue = this.schedule.consumeDueIdle(nowMs);
    this.arm();
    if (lateMs !== undefined) this.beat(nowMs, lateMs);
    if (isIdleDue) {
      this.sender.forgetCause();
      this.#owner.onIdle();
    }
  }

  private get dueAtMs(): number {
    return Math.min(this.schedule.dueAtMs, this.sender.deadlineMs);
  }

  /** Each step is taken only while the rhythm goes on: what the one before called may have ended it. */
  private beat(nowMs: number, lateMs: number): void {
    const { rhythm } = this.schedule;
    this.#wasKeepaliveDue = true;
    if (lateMs > 0) {
      this.#lateHeartbeats++;
      logEvent(this.#diagnostics, 'warn', 'session_keepalive_late', { late_ms: Math.floor(lateMs) });
      if (!this.schedule.isBeating(rhythm)) return;
    }
    logEvent(this.#diagnostics, 'debug', 'session_keepalive_heartbeat', { refcount: this.#activities.refcount });
    const overdue = this.logOverdue(nowMs, rhythm);
    if (!this.schedule.isBeating(rhythm)) return;
    if (overdue === this.#activities.refcount) this.sender.withhold('overdue');
    else if (!this.isGateOpen()) this.sender.withhold('gate');
    else if (this.schedule.isBeating(rhythm)) this.send('heartbeat', this.schedule.heartbeatAtMs);
  }

  /** Logs what has become overdue. @returns how many running activities are overdue. */
  private logOverdue(nowMs: number, rhythm: number): number {
    const { maxActivityMs, maxSilenceMs } = this.#options;
    if (maxActivityMs === Infinity && maxSilenceMs === Infinity) return 0;
    for (const activity of this.#activities.overdue(nowMs)) {
      if (!this.schedule.isBeating(rhythm)) return 0;
      if (!activity.noteOverdue(nowMs, this.#options)) continue;
      const { reason } = activity;
      const held_ms = Math.floor(activity.heldMs(nowMs));
      const silentMs = activity.silentMs(nowMs);
      const silence = silentMs > maxSilenceMs ? { silent_ms: Math.floor(silentMs) } : {};
      logEvent(this.#diagnostics, 'warn', 'session_activity_overdue', { reason, held_ms, ...silence });
    }
    return this.#activities.overdue(nowMs).length;
  }

  private send(trigger: KeepaliveTrigger, latestMs: number): void {
    this.sender.send(trigger, this.#activities.refcount, this.#activities.counts(), latestMs);
    this.arm();
  }

  private isGateOpen(): boolean {
    try {
      const answer: unknown = this.#gate.isOpen();
      ignoreRejection(answer);
      return answer === true;
    } catch {
      return false;
    }
  }
}

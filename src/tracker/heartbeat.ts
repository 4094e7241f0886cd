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
 * What a session does by the clock: heartbeats, timeouts of sends, the idle event.
 *
 * While anything is due, the one timer is armed. It fires at the earliest deadline of the schedule and of the send in
 * flight, or before.
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

  /** An activity started. The heartbeat starts with the first. */
  start(nowMs: number): void {
    if (!this.sender.isRegistered) return;
    this.clock.forgetLateTimer(nowMs);
    if (!this.schedule.isBeating()) {
      this.clock.forgetOldTimer();
      this.schedule.start(nowMs);
    }
    this.arm();
  }

  /** The last activity stopped. */
  pause(nowMs: number): void {
    if (this.schedule.isBeating()) this.schedule.pause(nowMs);
    this.arm();
  }

  /** Arms the timer for what is due next, unless it is armed for that or for something earlier. */
  arm(): void {
    this.clock.arm(this.dueAtMs);
  }

  /** @returns the function that aborts the previous sender's send in flight. */
  register(send: KeepaliveSend<Reason>, nowMs: number): (() => void) | undefined {
    const abortPending = this.sender.replace(send);
    this.schedule.changeSender(nowMs, this.#activities.refcount > 0);
    this.clock.forgetLateTimer(nowMs);
    this.clock.forgetOldTimer();
    this.arm();
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
    this.sender.expire(this.clock.now(), false);
    this.send('signal');
  }

  onTimer(nowMs: number): void {
    // First, so that a send that is given up does not block this beat.
    this.sender.expire(nowMs, this.schedule.lateMs(nowMs) === 0);
    const lateMs = this.schedule.consumeDueHeartbeat(nowMs);
    const isIdleDue = this.schedule.consumeDueIdle(nowMs);
    this.arm();
    if (lateMs !== undefined) this.beat(nowMs, lateMs);
    if (isIdleDue) {
      this.sender.forgetCause();
      this.#owner.onIdle();
    }
    // Again, in case the timer could not be armed before.
    this.arm();
  }

  private get dueAtMs(): number {
    return Math.min(this.schedule.dueAtMs, this.sender.deadlineMs);
  }

  /** Whatever a step calls may stop this heartbeat. The steps after it are then skipped. */
  private beat(nowMs: number, lateMs: number): void {
    const { starts } = this.schedule;
    this.#wasKeepaliveDue = true;
    if (lateMs > 0) {
      this.#lateHeartbeats++;
      logEvent(this.#diagnostics, 'warn', 'session_keepalive_late', { late_ms: Math.floor(lateMs) });
      if (!this.schedule.isBeating(starts)) return;
    }
    logEvent(this.#diagnostics, 'debug', 'session_keepalive_heartbeat', { refcount: this.#activities.refcount });
    const overdue = this.logOverdue(nowMs, starts);
    if (!this.schedule.isBeating(starts)) return;
    if (overdue === this.#activities.refcount) this.sender.withhold('overdue');
    else if (!this.isGateOpen()) this.sender.withhold('gate');
    else if (this.schedule.isBeating(starts)) this.send('heartbeat');
  }

  /** Logs what has become overdue. @returns how many running activities are overdue. */
  private logOverdue(nowMs: number, starts: number): number {
    const { maxActivityMs, maxSilenceMs } = this.#options;
    if (maxActivityMs === Infinity && maxSilenceMs === Infinity) return 0;
    for (const activity of this.#activities.overdue(nowMs)) {
      if (!this.schedule.isBeating(starts)) return 0;
      if (!activity.noteOverdue(nowMs, this.#options)) continue;
      const { reason } = activity;
      const held_ms = Math.floor(activity.heldMs(nowMs));
      const silentMs = activity.silentMs(nowMs);
      const silence = silentMs > maxSilenceMs ? { silent_ms: Math.floor(silentMs) } : {};
      logEvent(this.#diagnostics, 'warn', 'session_activity_overdue', { reason, held_ms, ...silence });
    }
    return this.#activities.overdue(nowMs).length;
  }

  private send(trigger: KeepaliveTrigger): void {
    this.sender.send(trigger, this.#activities.refcount, this.#activities.counts());
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

import type { CleanupRegistry } from '../ports/cleanup-registry.js';
import type { Clock } from '../ports/clock.js';
import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import type { KeepaliveGate } from '../ports/keepalive-gate.js';
import type { KeepaliveSend, KeepaliveTrigger } from '../ports/keepalive.js';
import { AbortListeners } from './abort-listeners.js';
import { Activities } from './activities.js';
import type { Activity, ActivityOwner, RunningActivity } from './activity.js';
import { idleEventName, logEvent, type TraceEvent } from './events.js';
import { HeartbeatSchedule } from './heartbeat-schedule.js';
import { IdleWaiters, type WhenIdleOptions } from './idle-waiters.js';
import { ignoreRejection } from './ignore-errors.js';
import { KeepaliveSender } from './keepalive-sender.js';
import type { ResolvedOptions } from './options.js';
import { SessionClock } from './session-clock.js';
import { ShutdownReport, type ShutdownReportData } from './shutdown-report.js';
import type { SessionActivitySnapshot } from './snapshot.js';
import { type SessionState, type StateObserver, StateObservers } from './state-observers.js';

/**
 * One session: counts activities, schedules heartbeats, calls the sender.
 *
 * Ports, senders and observers may call back at any time. So each member first brings the state up to date, then arms the
 * timer, and only then calls anything outside; a step that an earlier one made pointless is skipped.
 */
export class Session<Reason extends string> implements ActivityOwner<Reason> {
  readonly #clock: SessionClock;
  readonly #diagnostics: DiagnosticsLogger;
  readonly #gate: KeepaliveGate;
  readonly #options: ResolvedOptions;
  readonly #activities: Activities<Reason>;
  readonly #schedule: HeartbeatSchedule;
  readonly #sender: KeepaliveSender<Reason>;
  readonly #report: ShutdownReport;
  #observers: StateObservers | undefined = undefined;
  #waiters: IdleWaiters | undefined = undefined;
  #abortListeners: AbortListeners | undefined = undefined;
  #idleSinceMs: number;
  #lateHeartbeats = 0;
  #wasStarted = false;
  #wasKeepaliveDue = false;
  #isDisposed = false;

  constructor(
    clock: Clock,
    diagnostics: DiagnosticsLogger,
    gate: KeepaliveGate,
    cleanup: CleanupRegistry,
    options: ResolvedOptions,
  ) {
    this.#clock = new SessionClock(clock, this.#onTimer.bind(this));
    this.#diagnostics = diagnostics;
    this.#gate = gate;
    this.#options = options;
    this.#activities = new Activities(this, options);
    this.#schedule = new HeartbeatSchedule(options);
    this.#sender = new KeepaliveSender(this.#clock, diagnostics, options);
    this.#report = new ShutdownReport(cleanup, diagnostics);
    this.#idleSinceMs = this.#clock.now();
  }

  get isTracking(): boolean {
    return this.#sender.isRegistered;
  }

  get state(): SessionState {
    if (this.#isDisposed) return 'disposed';
    if (this.#activities.refcount > 0) return 'busy';
    return this.#schedule.isIdlePending ? 'quiet' : 'idle';
  }

  start(reason: Reason, signal: AbortSignal | undefined): Activity<Reason> {
    if (this.#isDisposed || signal?.aborted) return this.#activities.stopped(reason);
    const nowMs = this.#clock.now();
    const isFirst = !this.#wasStarted;
    this.#wasStarted = true;
    const activity = this.#activities.add(reason, nowMs);
    if (this.#activities.refcount === 1) this.#onBusy(nowMs);
    else this.#armTimer();
    if (signal) (this.#abortListeners ??= new AbortListeners()).add(signal, activity);
    if (this.#options.trace) this.#traceStart(reason, isFirst);
    this.#observers?.deliver();
    if (isFirst && !this.#isDisposed) this.#report.register(() => this.#reportData());
    return activity;
  }

  stop(reason: Reason): void {
    if (this.#isDisposed) return;
    const oldest = this.#activities.oldestOf(reason);
    if (oldest) this.stopActivity(oldest);
    else logEvent(this.#diagnostics, 'warn', 'session_activity_unmatched_stop', { reason });
  }

  stopActivity(activity: RunningActivity<Reason>): void {
    if (this.#isDisposed) return;
    this.#activities.remove(activity);
    const { refcount } = this.#activities;
    if (refcount === 0) this.#onNoLongerBusy();
    else this.#armTimer();
    if (this.#options.trace) {
      const held_ms = Math.floor(activity.heldMs(this.#clock.now()));
      this.#trace('debug', 'session_activity_stopped', { reason: activity.reason, refcount, held_ms });
    }
    this.#observers?.deliver();
    if (this.#activities.refcount === 0) this.#waiters?.release();
    this.#abortListeners?.remove(activity);
  }

  touchActivity(activity: RunningActivity<Reason>): void {
    const isLimited = this.#options.maxSilenceMs !== Infinity;
    if (isLimited && !this.#isDisposed) activity.noteProgress(this.#clock.now(), this.#options);
  }

  /** @returns the function that removes the sender while it is the current one. */
  register(send: KeepaliveSend<Reason>): () => void {
    if (this.#isDisposed) return () => undefined;
    const isBusy = this.#activities.refcount > 0;
    const wasRegistered = this.#sender.isRegistered;
    const nowMs = this.#clock.now();
    const abortPending = this.#sender.replace(send);
    const { generation } = this.#sender;
    this.#schedule.changeSender(nowMs, isBusy);
    if (isBusy) this.#clock.armAnew(this.#dueAtMs, nowMs);
    else this.#armTimer();
    abortPending?.();
    if (wasRegistered) this.#trace('debug', 'session_sender_removed');
    if (this.#sender.generation === generation) this.#trace('debug', 'session_sender_registered');
    return () => {
      if (this.#sender.generation === generation) this.unregister();
    };
  }

  unregister(): void {
    if (!this.#sender.isRegistered) return;
    this.#removeSender(this.state);
    this.#observers?.deliver();
  }

  /** Sends one keep-alive now, if a sender is registered and the gate is open. */
  signal(): void {
    if (!this.#sender.isRegistered) return;
    this.#wasKeepaliveDue = true;
    if (!this.#isGateOpen()) {
      this.#sender.withhold('gate');
      return;
    }
    this.#sender.expire(this.#clock.now());
    this.#send('signal', Infinity);
  }

  snapshot(): SessionActivitySnapshot<Reason> {
    const nowMs = this.#clock.now();
    const { state } = this;
    const { heartbeatAtMs } = this.#schedule;
    const isIdle = state === 'quiet' || state === 'idle';
    return Object.freeze({
      state,
      tracking: this.#sender.isRegistered,
      refcount: this.#activities.refcount,
      active: this.#activities.counts(),
      busyMs: this.#activities.busyMs(nowMs),
      idleMs: isIdle ? Math.floor(nowMs - this.#idleSinceMs) : null,
      oldestActivityMs: this.#activities.oldestMs(nowMs),
      nextHeartbeatMs: heartbeatAtMs === Infinity ? null : Math.max(0, Math.floor(heartbeatAtMs - nowMs)),
      overdue: this.#activities.overdue(nowMs).length,
      lateHeartbeats: this.#lateHeartbeats,
      keepalives: Object.freeze(this.#sender.counts()),
    });
  }

  observe(observer: StateObserver): () => void {
    this.#observers ??= new StateObservers();
    return this.#observers.subscribe(observer);
  }

  whenIdle(options: WhenIdleOptions): Promise<void> {
    this.#waiters ??= new IdleWaiters();
    return this.#waiters.wait(options, () => this.#activities.refcount === 0);
  }

  dispose(): void {
    if (this.#isDisposed) return;
    const report = this.#reportData();
    const previous = this.state;
    this.#isDisposed = true;
    this.#activities.clear();
    this.#removeSender(previous);
    if (this.#wasStarted) this.#report.log(report);
    this.#observers?.deliver();
    this.#waiters?.release();
    this.#abortListeners?.clear();
    this.#report.unregister();
  }

  get #dueAtMs(): number {
    return Math.min(this.#schedule.dueAtMs, this.#sender.deadlineMs);
  }

  #armTimer(): void {
    this.#clock.arm(this.#dueAtMs);
  }

  #onBusy(nowMs: number): void {
    this.#observers?.add('busy');
    if (!this.#sender.isRegistered) return;
    this.#schedule.start(nowMs);
    this.#clock.armAnew(this.#dueAtMs, nowMs);
  }

  #onNoLongerBusy(): void {
    this.#idleSinceMs = this.#clock.now();
    if (this.#schedule.isBeating()) this.#schedule.pause(this.#idleSinceMs);
    this.#observers?.add(this.state);
    this.#armTimer();
  }

  #removeSender(previous: SessionState): void {
    const wasRegistered = this.#sender.isRegistered;
    const abortPending = this.#sender.replace(undefined);
    this.#schedule.halt();
    if (this.state !== previous) this.#observers?.add(this.state);
    this.#clock.disarm();
    abortPending?.();
    if (wasRegistered) this.#trace('debug', 'session_sender_removed');
  }

  #onTimer(nowMs: number): void {
    // A send that is given up does not block the beat of the same moment.
    this.#sender.expire(nowMs);
    const lateMs = this.#schedule.consumeDueHeartbeat(nowMs);
    const isIdle = this.#schedule.consumeDueIdle(nowMs);
    if (isIdle) this.#observers?.add('idle');
    this.#armTimer();
    if (lateMs !== undefined) this.#onHeartbeat(nowMs, lateMs);
    if (isIdle) this.#onIdle();
  }

  #onIdle(): void {
    this.#sender.forgetCause();
    logEvent(this.#diagnostics, 'info', idleEventName(this.#options.idleAfterMs));
    this.#observers?.deliver();
  }

  /** Each step is taken only while the rhythm goes on: what the one before called may have ended it. */
  #onHeartbeat(nowMs: number, lateMs: number): void {
    const { rhythm } = this.#schedule;
    this.#wasKeepaliveDue = true;
    if (lateMs > 0) {
      this.#lateHeartbeats++;
      logEvent(this.#diagnostics, 'warn', 'session_keepalive_late', { late_ms: Math.floor(lateMs) });
      if (!this.#schedule.isBeating(rhythm)) return;
    }
    logEvent(this.#diagnostics, 'debug', 'session_keepalive_heartbeat', { refcount: this.#activities.refcount });
    const overdue = this.#isLimited ? this.#logOverdue(nowMs, rhythm) : 0;
    if (!this.#schedule.isBeating(rhythm)) return;
    if (overdue === this.#activities.refcount) this.#sender.withhold('overdue');
    else if (!this.#isGateOpen()) this.#sender.withhold('gate');
    else if (this.#schedule.isBeating(rhythm)) this.#send('heartbeat', this.#schedule.heartbeatAtMs);
  }

  get #isLimited(): boolean {
    return this.#options.maxActivityMs !== Infinity || this.#options.maxSilenceMs !== Infinity;
  }

  /** Logs what has become overdue. @returns how many activities are. */
  #logOverdue(nowMs: number, rhythm: number): number {
    for (const activity of this.#activities.overdue(nowMs)) {
      if (!this.#schedule.isBeating(rhythm)) return 0;
      if (!activity.noteOverdue(nowMs, this.#options)) continue;
      const { reason } = activity;
      const held_ms = Math.floor(activity.heldMs(nowMs));
      const silentMs = activity.silentMs(nowMs);
      const silence = silentMs > this.#options.maxSilenceMs ? { silent_ms: Math.floor(silentMs) } : {};
      logEvent(this.#diagnostics, 'warn', 'session_activity_overdue', { reason, held_ms, ...silence });
    }
    return this.#activities.overdue(nowMs).length;
  }

  #send(trigger: KeepaliveTrigger, latestMs: number): void {
    this.#sender.send(trigger, this.#activities.refcount, this.#activities.counts(), latestMs);
    this.#armTimer();
  }

  #isGateOpen(): boolean {
    try {
      const answer: unknown = this.#gate.isOpen();
      ignoreRejection(answer);
      return answer === true;
    } catch {
      return false;
    }
  }

  #traceStart(reason: Reason, isFirst: boolean): void {
    const { intervalMs: interval_ms, idleAfterMs: idle_after_ms, cadence } = this.#options;
    const { refcount } = this.#activities;
    if (isFirst) this.#trace('debug', 'session_tracker_configured', { interval_ms, idle_after_ms, cadence });
    this.#trace('debug', 'session_activity_started', { reason, refcount });
  }

  #trace(...event: TraceEvent): void {
    if (this.#options.trace) logEvent(this.#diagnostics, ...event);
  }

  #reportData(): ShutdownReportData {
    const { refcount } = this.#activities;
    const oldest_activity_ms = this.#activities.busyMs(this.#clock.now());
    return {
      running: { refcount, active: this.#activities.counts(), oldest_activity_ms },
      summary: this.#wasKeepaliveDue ? { ...this.#sender.counts(), late: this.#lateHeartbeats } : undefined,
    };
  }
}

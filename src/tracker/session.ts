import type { CleanupRegistry } from '../ports/cleanup-registry.js';
import type { Clock } from '../ports/clock.js';
import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import type { KeepaliveGate } from '../ports/keepalive-gate.js';
import type { KeepaliveSend } from '../ports/keepalive.js';
import { TrackedStreams } from '../streams/tracked-streams.js';
import { AbortListeners } from './abort-listeners.js';
import { Activities } from './activities.js';
import type { Activity, ActivityOwner, RunningActivity } from './activity.js';
import { idleEventName, logEvent, type TraceEvent } from './events.js';
import { Heartbeat, type HeartbeatOwner } from './heartbeat.js';
import { IdleWaiters, type WhenIdleOptions } from './idle-waiters.js';
import type { ResolvedOptions } from './options.js';
import { ShutdownReport, type ShutdownReportData } from './shutdown-report.js';
import type { SessionActivitySnapshot } from './snapshot.js';
import { type SessionState, type StateObserver, StateObservers } from './state-observers.js';

/**
 * One session: counts activities, schedules heartbeats, calls the sender.
 *
 * Ports, senders and observers may call back at any time. So each member reads the clock first, then brings the state
 * up to date, then arms the timer, and only then calls anything else outside; a step that an earlier one made pointless
 * is skipped.
 */
export class Session<Reason extends string> implements ActivityOwner<Reason>, HeartbeatOwner {
  readonly #diagnostics: DiagnosticsLogger;
  readonly #cleanup: CleanupRegistry;
  readonly #options: ResolvedOptions;
  readonly #activities: Activities<Reason>;
  readonly #heartbeat: Heartbeat<Reason>;
  /** Made by the first start. */
  #report: ShutdownReport | undefined = undefined;
  #observers: StateObservers | undefined = undefined;
  #waiters: IdleWaiters | undefined = undefined;
  #abortListeners: AbortListeners | undefined = undefined;
  #streams: TrackedStreams | undefined = undefined;
  #isDisposed = false;

  constructor(
    clock: Clock,
    diagnostics: DiagnosticsLogger,
    gate: KeepaliveGate,
    cleanup: CleanupRegistry,
    options: ResolvedOptions,
  ) {
    this.#diagnostics = diagnostics;
    this.#cleanup = cleanup;
    this.#options = options;
    this.#activities = new Activities(this, options);
    this.#heartbeat = new Heartbeat(clock, diagnostics, gate, options, this.#activities, this);
    this.#activities.beginIdle(this.nowMs);
  }

  get isTracking(): boolean {
    return this.#heartbeat.sender.isRegistered;
  }

  get state(): SessionState {
    if (this.#isDisposed) return 'disposed';
    if (this.#activities.refcount > 0) return 'busy';
    return this.#heartbeat.schedule.isIdlePending ? 'quiet' : 'idle';
  }

  /**
   * Made by the first stream. The session has them, and not the tracker, because a busy session stays
   * reachable through its timer even if the host has dropped the tracker.
   */
  get streams(): TrackedStreams {
    return (this.#streams ??= new TrackedStreams());
  }

  start(reason: Reason, signal?: AbortSignal): Activity<Reason> {
    const nowMs = this.nowMs;
    if (this.#isDisposed || signal?.aborted) return this.#activities.stopped(reason);
    const isFirst = this.#report === undefined;
    this.#report ??= new ShutdownReport(this.#cleanup, this.#diagnostics);
    const activity = this.#activities.add(reason, nowMs);
    const { refcount } = this.#activities;
    if (signal) (this.#abortListeners ??= new AbortListeners()).add(signal, activity);
    if (refcount === 1) this.#observers?.add('busy');
    this.#heartbeat.start(nowMs);
    if (isFirst && this.#options.trace) this.traceOptions();
    if (this.#options.trace && this.isAlive()) {
      this.trace('debug', 'session_activity_started', { reason, refcount });
    }
    this.notify();
    if (isFirst && this.isAlive()) this.#report.register(() => this.reportData());
    return activity;
  }

  stop(reason: Reason): void {
    if (this.#isDisposed) return;
    const oldest = this.#activities.oldestOf(reason);
    if (oldest) this.stopActivity(oldest, 'taken');
    else logEvent(this.#diagnostics, 'warn', 'session_activity_unmatched_stop', { reason });
  }

  stopActivity(activity: RunningActivity<Reason>, state: 'stopped' | 'taken'): void {
    const isTimeNeeded = this.#activities.refcount === 1 || this.#options.trace;
    const nowMs = isTimeNeeded ? this.nowMs : 0;
    if (this.#isDisposed || !activity.isRunning) return;
    this.#activities.remove(activity, state);
    this.#abortListeners?.remove(activity);
    const { refcount } = this.#activities;
    if (refcount === 0) {
      this.#activities.beginIdle(nowMs);
      this.#heartbeat.pause(nowMs);
      this.#observers?.add(this.state);
    } else {
      this.#heartbeat.arm();
    }
    if (this.#options.trace) {
      const held_ms = Math.floor(activity.heldMs(nowMs));
      this.trace('debug', 'session_activity_stopped', { reason: activity.reason, refcount, held_ms });
    }
    this.notify();
  }

  touchActivity(activity: RunningActivity<Reason>): void {
    if (this.#options.maxSilenceMs === Infinity) return;
    const nowMs = this.nowMs;
    if (!this.#isDisposed && activity.isRunning) activity.noteProgress(nowMs, this.#options);
  }

  /** @returns the function that removes the sender if it is still the current one. */
  register(send: KeepaliveSend<Reason>): () => void {
    const nowMs = this.nowMs;
    if (this.#isDisposed) return () => undefined;
    const { sender } = this.#heartbeat;
    const wasRegistered = sender.isRegistered;
    const abortPending = this.#heartbeat.register(send, nowMs);
    const { generation } = sender;
    abortPending?.();
    if (wasRegistered) this.trace('debug', 'session_sender_removed');
    if (sender.generation === generation) this.trace('debug', 'session_sender_registered');
    return () => {
      if (sender.generation === generation) this.unregister();
    };
  }

  unregister(): void {
    if (!this.isTracking) return;
    this.removeSender(this.state);
    this.notify();
  }

  signal(): void {
    this.#heartbeat.signal();
  }

  snapshot(): SessionActivitySnapshot<Reason> {
    const nowMs = this.nowMs;
    const { schedule, sender, lateHeartbeats } = this.#heartbeat;
    return Object.freeze({
      state: this.state,
      tracking: sender.isRegistered,
      refcount: this.#activities.refcount,
      active: this.#activities.counts(),
      busyMs: this.#activities.busyMs(nowMs),
      idleMs: this.#isDisposed ? null : this.#activities.idleMs(nowMs),
      oldestActivityMs: this.#activities.oldestMs(nowMs),
      nextHeartbeatMs: schedule.isBeating() ? Math.max(0, Math.floor(schedule.heartbeatAtMs - nowMs)) : null,
      overdue: this.#activities.overdue(nowMs).length,
      lateHeartbeats,
      keepalives: Object.freeze(sender.counts()),
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
    const report = this.reportData();
    if (this.#isDisposed) return;
    const stateBefore = this.state;
    this.#isDisposed = true;
    this.#report?.withdraw();
    this.#activities.clear();
    this.removeSender(stateBefore);
    this.#report?.log(report);
    this.notify();
    this.#abortListeners?.clear();
    this.#report?.unregister();
  }

  onIdle(): void {
    this.#observers?.add('idle');
    logEvent(this.#diagnostics, 'info', idleEventName(this.#options.idleAfterMs));
    this.notify();
  }

  /** A method, because TypeScript takes the field for unchanged after a call that may have disposed the tracker. */
  private isAlive(): boolean {
    return !this.#isDisposed;
  }

  /** Notifies observers of each change. After that, if nothing runs, resolves the waiters. */
  private notify(): void {
    const isDelivered = this.#observers?.deliver() ?? true;
    if (isDelivered && this.#activities.refcount === 0) this.#waiters?.release();
  }

  private get nowMs(): number {
    return this.#heartbeat.clock.now();
  }

  private removeSender(stateBefore: SessionState): void {
    const wasRegistered = this.isTracking;
    const abortPending = this.#heartbeat.unregister();
    if (this.state !== stateBefore) this.#observers?.add(this.state);
    abortPending?.();
    if (wasRegistered) this.trace('debug', 'session_sender_removed');
  }

  private traceOptions(): void {
    const { intervalMs: interval_ms, idleAfterMs: idle_after_ms, cadence } = this.#options;
    this.trace('debug', 'session_tracker_configured', { interval_ms, idle_after_ms, cadence });
  }

  private trace(...event: TraceEvent): void {
    if (this.#options.trace) logEvent(this.#diagnostics, ...event);
  }

  private reportData(): ShutdownReportData {
    const { refcount } = this.#activities;
    const running = {
      refcount,
      active: this.#activities.counts(),
      oldest_activity_ms: this.#activities.busyMs(this.nowMs),
    };
    return { running, summary: this.#heartbeat.summary };
  }
}

/// <reference lib="esnext.disposable" preserve="true" />
import 'reflect-metadata';
import { inject, injectable } from 'tsyringe';
import { CLEANUP_REGISTRY, CLOCK, DIAGNOSTICS_LOGGER, KEEPALIVE_GATE, TRACKER_OPTIONS } from '../container/tokens.js';
import type { CleanupRegistry } from '../ports/cleanup-registry.js';
import type { Clock } from '../ports/clock.js';
import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import type { KeepaliveGate } from '../ports/keepalive-gate.js';
import { assertFunction, assertNonEmptyString, assertPort } from '../validate.js';
import { report } from './events.js';
import type { WhenIdleOptions } from './idle-waiters.js';
import type { KeepaliveSend } from './keepalive.js';
import type { KeepaliveRegistration } from './keepalive-sender.js';
import { resolveOptions, type TrackerOptions } from './options.js';
import { type Activity, runAs } from './running-activity.js';
import { type BusyObserver, SessionActivity } from './session-activity.js';
import type { SessionActivitySnapshot } from './snapshot.js';
import { quietly } from './thenable.js';

/** What an activity is for, unless the host has reasons of its own. */
export type SessionActivityReason = 'api_call' | 'tool_exec';

/**
 * Counts the work in flight in one transport session and has the session's keep-alive sender called every `intervalMs`
 * for exactly as long as there is some.
 *
 * Trackers share nothing but the ports that the host passes in. No member throws because of what a logger, gate,
 * registry, observer or sender does, and each of them may call back into the tracker.
 *
 * @typeParam Reason - the reasons for which activities are started.
 *
 * @example
 * ```ts
 * const tracker = new SessionActivityTracker(clock, diagnostics, gate, cleanup);
 * tracker.registerCallback(() => socket.ping());
 * const answer = await tracker.run('api_call', () => callTheApi());
 * ```
 */
@injectable()
export class SessionActivityTracker<Reason extends string = SessionActivityReason> implements Disposable {
  private readonly session: SessionActivity<Reason>;
  private readonly diagnostics: DiagnosticsLogger;
  private readonly cleanup: CleanupRegistry;
  private takeReportBack: (() => void) | undefined = undefined;
  /** `'logged'` as well once nothing is to be logged any more. */
  private reportState: 'none' | 'registered' | 'logged' = 'none';

  /**
   * @param clock - where time comes from; its one timer for this tracker is created here.
   * @param diagnostics - where events go.
   * @param gate - asked before every send.
   * @param cleanup - is given the shutdown report at the first `start`.
   * @param options - see {@link TrackerOptions}.
   * @throws TypeError for a port without its methods, an unknown option or an option of the wrong type.
   * @throws RangeError for an option out of range.
   */
  constructor(
    @inject(CLOCK) clock: Clock,
    @inject(DIAGNOSTICS_LOGGER) diagnostics: DiagnosticsLogger,
    @inject(KEEPALIVE_GATE) gate: KeepaliveGate,
    @inject(CLEANUP_REGISTRY) cleanup: CleanupRegistry,
    @inject(TRACKER_OPTIONS) options?: TrackerOptions,
  ) {
    assertPort('clock', clock);
    assertPort('diagnostics', diagnostics);
    assertPort('gate', gate);
    assertPort('cleanup', cleanup);
    this.session = new SessionActivity(clock, diagnostics, gate, resolveOptions(options));
    this.diagnostics = diagnostics;
    this.cleanup = cleanup;
  }

  /** Whether a keep-alive sender is registered. */
  get isTrackingActive(): boolean {
    return this.session.sender.isRegistered;
  }

  /**
   * Starts an activity. Keep-alives are sent until every activity has stopped.
   *
   * @param reason - what it is for.
   * @returns the handle that stops it. After `dispose` it is inert.
   * @throws TypeError when `reason` is not a non-empty string; nothing is counted then.
   */
  start(reason: Reason): Activity<Reason> {
    assertNonEmptyString('reason', reason);
    if (this.reportState !== 'none') return this.session.start(reason);
    this.reportState = 'registered';
    const activity = this.session.start(reason);
    this.registerReport();
    return activity;
  }

  /**
   * Stops the oldest running activity with that reason, for callers that could not keep the handle. With none running
   * nothing changes, and `session_activity_unmatched_stop` is logged.
   *
   * @param reason - what it was started for.
   * @throws TypeError when `reason` is not a non-empty string.
   */
  stop(reason: Reason): void {
    assertNonEmptyString('reason', reason);
    this.session.stop(reason);
  }

  /**
   * Runs `work` as an activity: started before, stopped when it returns, throws or its promise settles.
   *
   * @returns what `work` returns; for a thenable a promise that settles the same way once the activity has stopped.
   * @throws whatever `work` throws, unchanged; TypeError for a bad reason or when `work` is not a function.
   */
  run<T>(reason: Reason, work: () => PromiseLike<T>): Promise<T>;
  run<T>(reason: Reason, work: () => T): T;
  run(reason: Reason, work: () => unknown): unknown {
    assertFunction('work', work);
    return runAs(this.start(reason), work);
  }

  /**
   * Makes `send` the keep-alive sender, in place of any other, whose pending send is aborted. While work runs, the
   * rhythm goes on; if there was no sender, the first beat comes one interval later.
   *
   * @returns the registration, which removes this sender only while it is the current one. After `dispose` it is inert.
   * @throws TypeError when `send` is not a function.
   */
  registerCallback(send: KeepaliveSend<Reason>): KeepaliveRegistration {
    assertFunction('send', send);
    const { sender } = this.session;
    const generation = this.session.isClosed() ? undefined : this.session.register(send);
    const unregister = (): void => {
      if (sender.generation === generation) this.unregisterCallback();
    };
    return { unregister, [Symbol.dispose]: unregister };
  }

  /** Removes the current sender, whoever registered it, and aborts its pending send. Counting goes on. */
  unregisterCallback(): void {
    this.session.unregister();
  }

  /**
   * Sends one keep-alive now, if a sender is registered and the gate is open. It is skipped while another is pending.
   * Never throws because of the sender.
   */
  sendSignal(): void {
    this.session.signal();
  }

  /** The state at this moment, as a plain frozen object. */
  snapshot(): SessionActivitySnapshot<Reason> {
    return this.session.snapshot();
  }

  /**
   * Resolves when nothing runs: at once if so already, and on `dispose`.
   *
   * @returns a promise that rejects with `signal.reason` when the signal is aborted first, and with a TypeError for an
   * unknown option or a signal that is none.
   */
  whenIdle(options: WhenIdleOptions = {}): Promise<void> {
    return this.session.whenIdle(options);
  }

  /**
   * Has `observer` called with `true` when the session becomes busy and with `false` when it becomes idle, each time
   * after the tracker's own state is up to date. There can be one; a `SessionActivityHub` is one.
   *
   * @returns the function that ends it.
   * @throws TypeError when `observer` is not a function; Error when the tracker is observed already.
   */
  observe(observer: BusyObserver): () => void {
    assertFunction('observer', observer);
    if (this.session.observer !== undefined) throw new Error('This tracker is observed already');
    const own: BusyObserver = (busy) => observer(busy);
    this.session.observer = own;
    return () => {
      if (this.session.observer === own) this.session.observer = undefined;
    };
  }

  /**
   * Ends the session's tracking: clears the timer, aborts a pending send, drops the sender, takes the shutdown report
   * back from the registry and, if an activity was ever started, logs it unless the registry already did. Synchronous
   * and idempotent; never throws. Every member is harmless afterwards.
   */
  dispose(): void {
    if (this.session.isClosed()) return;
    const stillRunning = this.session.stillRunning();
    // Claimed before anything outside is called, which may run the registry's cleanups.
    const isToReport = this.reportState === 'registered';
    this.reportState = 'logged';
    this.session.close();
    if (isToReport) report(this.diagnostics, 'info', 'session_activity_at_shutdown', stillRunning);
    if (this.takeReportBack) quietly(this.takeReportBack);
  }

  /** Does what {@link dispose} does, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  private registerReport(): void {
    const takeBack = quietly(() => this.cleanup.register(this.onShutdown.bind(this)));
    if (typeof takeBack !== 'function') return; // The registry threw.
    this.takeReportBack = takeBack;
    if (this.session.isClosed()) quietly(takeBack); // The registry called back.
  }

  private onShutdown(): void {
    if (this.reportState === 'logged') return;
    this.reportState = 'logged';
    report(this.diagnostics, 'info', 'session_activity_at_shutdown', this.session.stillRunning());
  }
}

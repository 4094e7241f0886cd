/// <reference lib="esnext.disposable" preserve="true" />
import 'reflect-metadata';
import { inject, injectable } from 'tsyringe';
import type { CleanupRegistry } from '../ports/cleanup-registry.js';
import type { Clock } from '../ports/clock.js';
import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import type { KeepaliveGate } from '../ports/keepalive-gate.js';
import type { KeepaliveSend } from '../ports/keepalive.js';
import { CLEANUP_REGISTRY, CLOCK, DIAGNOSTICS_LOGGER, KEEPALIVE_GATE } from '../ports/tokens.js';
import type { TrackedStreams } from '../streams/tracked-streams.js';
import { assertFunction, assertKnownNames, assertNonEmptyString, assertPort, assertSignal } from '../validate.js';
import type { Activity } from './activity.js';
import type { WhenIdleOptions } from './idle-waiters.js';
import { resolveOptions, TRACKER_OPTIONS, type TrackerOptions } from './options.js';
import { runAs, type UseTrackInstead } from './run-as.js';
import { Session } from './session.js';
import type { SessionActivitySnapshot } from './snapshot.js';
import type { StateObserver } from './state-observers.js';

/** What an activity is for, unless the host has reasons of its own. */
export type SessionActivityReason = 'api_call' | 'tool_exec';

/** How an activity is started. */
export interface StartOptions {
  /** Stops the activity when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** A registered keep-alive sender, as held by whoever registered it. */
export interface KeepaliveRegistration extends Disposable {
  /** Removes the sender if it is still the current one. */
  unregister(): void;
}

/** Gives `trackFetch` the tracked streams of a tracker, which are private to the class. */
export let streamsOf: <Reason extends string>(tracker: SessionActivityTracker<Reason>) => TrackedStreams;

/**
 * Counts the work in flight in one transport session and calls your keep-alive sender every `intervalMs` for exactly as
 * long as there is any.
 *
 * Trackers share nothing but the ports that the host passes in. No member throws because of what a clock, logger, gate,
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
  static {
    streamsOf = ({ session }) => session.streams;
  }

  private readonly session: Session<Reason>;

  /**
   * @param clock - where time comes from. The constructor creates the tracker's one timer with it.
   * @param diagnostics - where events go.
   * @param gate - asked before every send.
   * @param cleanup - where the first `start` registers the shutdown report.
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
    this.session = new Session(clock, diagnostics, gate, cleanup, resolveOptions(options));
  }

  /** Whether a keep-alive sender is registered. */
  get isTrackingActive(): boolean {
    return this.session.isTracking;
  }

  /**
   * Starts an activity. Keep-alives are sent until every activity has stopped.
   *
   * @param reason - what it is for.
   * @param options - with a `signal`, the activity stops when that is aborted. If it is aborted already, nothing starts
   * and a stopped handle is returned.
   * @returns the handle that stops it. After `dispose` it is inert.
   * @throws TypeError when `reason` is not a non-empty string, for an unknown option, or for a `signal` that is no
   * `AbortSignal`. Nothing is counted then.
   */
  start(reason: Reason, options?: StartOptions): Activity<Reason> {
    assertNonEmptyString('reason', reason);
    if (options === undefined) return this.session.start(reason);
    assertKnownNames('options', options, ['signal']);
    assertSignal('signal', options.signal);
    return this.session.start(reason, options.signal);
  }

  /**
   * Stops the oldest running activity with that reason, for callers that could not keep the handle. With none running,
   * nothing changes and `session_activity_unmatched_stop` is logged.
   *
   * @param reason - what it was started for.
   * @throws TypeError when `reason` is not a non-empty string.
   */
  stop(reason: Reason): void {
    assertNonEmptyString('reason', reason);
    this.session.stop(reason);
  }

  /**
   * @deprecated The activity would stop when the stream is returned, before it is read. Use {@link track}.
   */
  run<T extends AsyncIterable<unknown> | ReadableStream>(
    reason: Reason,
    work: ((activity: Activity<Reason>) => T | PromiseLike<T>) &
      (0 extends 1 & T ? never : [T] extends [never] ? never : unknown),
  ): UseTrackInstead;
  /**
   * Runs `work` as an activity: started before, stopped when it returns, throws or its promise settles. For work that
   * returns a stream use {@link track}. For a `fetch` use `trackFetch`: inside `run` its activity ends at the headers.
   *
   * @param reason - what the work is for.
   * @param work - called with the activity, so that long work can report progress with `activity.touch()`.
   * @returns what `work` returns; for a thenable a promise that settles the same way once the activity has stopped.
   * @throws whatever `work` throws, unchanged; TypeError for a bad reason or when `work` is not a function.
   */
  run<T>(reason: Reason, work: (activity: Activity<Reason>) => PromiseLike<T>): Promise<T>;
  run<T>(reason: Reason, work: (activity: Activity<Reason>) => T): T;
  run(reason: Reason, work: (activity: Activity<Reason>) => unknown): unknown {
    assertFunction('work', work);
    return runAs(this.start(reason), work);
  }

  /**
   * Tracks a stream while it is read: an activity runs from the first read until the stream ends, fails, is cancelled,
   * is left early or is garbage-collected. The first read and each chunk touch the activity, so `maxSilenceMs` bounds
   * a stream that hangs. After `dispose` the stream passes through untracked.
   *
   * @param reason - what the stream is for.
   * @param source - a `ReadableStream`, which is locked at once, or an async iterable.
   * @returns a stream with the same chunks: a `ReadableStream` for default readers, or an async iterator.
   * @throws TypeError for a bad reason or any other source, and for a locked stream as `getReader()` does.
   *
   * @example
   * ```ts
   * const stream = await client.messages.create({ ...request, stream: true });
   * for await (const event of tracker.track('api_call', stream)) console.log(event.type);
   * ```
   */
  track<S extends { getReader(): unknown }>(reason: Reason, source: S): S;
  track<T>(reason: Reason, source: AsyncIterable<T>): AsyncIterableIterator<T>;
  track(reason: Reason, source: unknown): unknown {
    assertNonEmptyString('reason', reason);
    return this.session.streams.track(source, () => this.session.start(reason));
  }

  /**
   * Makes `send` the keep-alive sender. It replaces any other, whose pending send is aborted.
   *
   * If work is running, the heartbeat starts, or keeps its schedule if there was a sender before. With the cadence
   * `'steady'` a heartbeat is due at once instead.
   *
   * @returns the registration, which removes this sender only while it is the current one. After `dispose` it is inert.
   * @throws TypeError when `send` is not a function.
   */
  registerCallback(send: KeepaliveSend<Reason>): KeepaliveRegistration {
    assertFunction('send', send);
    const unregister = this.session.register(send);
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
   * unknown option or for a `signal` that is no `AbortSignal`.
   */
  whenIdle(options: WhenIdleOptions = {}): Promise<void> {
    return this.session.whenIdle(options);
  }

  /**
   * Calls `observer` with the new state when the session's state changes. Changes are delivered one after another, each
   * to all observers in the order in which they subscribed, after the tracker's own state is up to date.
   *
   * @returns the function that unsubscribes.
   * @throws TypeError when `observer` is not a function.
   */
  observe(observer: StateObserver): () => void {
    assertFunction('observer', observer);
    return this.session.observe(observer);
  }

  /**
   * Ends the session's tracking. Clears the timer, aborts a pending send, drops the sender, logs the shutdown report if
   * an activity was ever started and it was not logged yet, notifies observers and resolves `whenIdle`. Afterwards
   * every member can still be called: `run` runs its work, but nothing is counted, sent or logged. Idempotent; never
   * throws.
   */
  dispose(): void {
    this.session.dispose();
  }

  /** Calls {@link dispose} at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/// <reference lib="esnext.disposable" preserve="true" />
import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import type { PlatformAbortSignal } from './abort-signal.js';
import { type ActivityCounts, type KeepaliveOutcome, report } from './events.js';
import { isThenable } from './thenable.js';

/** What a keep-alive sender is told. It may ignore it. */
export interface Keepalive<Reason extends string = string> {
  /** `'heartbeat'` for a beat of the rhythm, `'signal'` for `sendSignal()`. */
  readonly trigger: 'heartbeat' | 'signal';

  /** How many activities run. */
  readonly refcount: number;

  /** How many activities run, by reason. */
  readonly active: ActivityCounts<Reason>;

  /**
   * Aborted when this send takes too long (the reason is a `TimeoutError`), or when its sender is replaced or removed (an
   * `AbortError`). Read it from here: a copy of this object made by spreading has none. What a listener on it throws is
   * uncaught, as with any `AbortSignal`.
   */
  readonly signal: PlatformAbortSignal;
}

/**
 * Sends one keep-alive over the transport. A promise is watched until it settles or `sendTimeoutMs` is over; anything
 * else that it returns is ignored. What it throws or rejects with is counted and never gets out.
 */
export type KeepaliveSend<Reason extends string = string> = (keepalive: Keepalive<Reason>) => unknown;

/** What became of the keep-alives so far. */
export interface KeepaliveCounts {
  /** Sends that succeeded. */
  readonly sent: number;
  /** Sends that threw, rejected or took too long. */
  readonly failed: number;
  /** Not sent: another send was still pending. */
  readonly skipped: number;
  /** Not sent: the gate was closed, or every running activity was overdue. */
  readonly withheld: number;
}

/** The hold on a registered keep-alive sender. */
export interface KeepaliveRegistration extends Disposable {
  /** Removes the sender, if it is still the current one. */
  unregister(): void;
}

/** One call of a sender, as the sender is told of it. */
class Send<Reason extends string> implements Keepalive<Reason> {
  readonly trigger: Keepalive['trigger'];
  readonly refcount: number;
  readonly active: ActivityCounts<Reason>;
  #controller: AbortController | undefined = undefined;

  constructor(trigger: Keepalive['trigger'], refcount: number, active: ActivityCounts<Reason>) {
    this.trigger = trigger;
    this.refcount = refcount;
    this.active = active;
  }

  /** Made when it is read: making one takes far longer than the rest of a beat, and few senders use it. */
  get signal(): PlatformAbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  static abort(send: Send<string>, name: 'TimeoutError' | 'AbortError', message: string): void {
    const reason = new DOMException(message, name);
    // Until its stack is read once, an error holds on to the tracker that made it.
    Reflect.get(reason, 'stack');
    send.#controller ??= new AbortController();
    send.#controller.abort(reason);
  }
}

const ERROR_CODE = /^[A-Z][A-Z0-9_]{0,63}$/;

/**
 * Calls the registered sender: one send at a time, each with a deadline. Nothing a sender does gets out.
 *
 * A send counts only while it is the pending one. It ceases to be when it settles, when its deadline passes, and when
 * its sender is replaced or removed; what it does afterwards finds itself forgotten.
 */
export class KeepaliveSender<Reason extends string> {
  readonly #diagnostics: DiagnosticsLogger;
  #send: KeepaliveSend<Reason> | undefined = undefined;
  #generation = 0;
  #pending: Send<Reason> | undefined = undefined;
  /** `Infinity` unless a send is pending that has a deadline. */
  #deadlineMs = Infinity;
  #failuresInARow = 0;
  #sent = 0;
  #failed = 0;
  #skipped = 0;
  #withheld = 0;

  constructor(diagnostics: DiagnosticsLogger) {
    this.#diagnostics = diagnostics;
  }

  get isRegistered(): boolean {
    return this.#send !== undefined;
  }

  /** Tells one registration from the next, even of the same function. */
  get generation(): number {
    return this.#generation;
  }

  /** When the pending send is to be given up. */
  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  counts(): KeepaliveCounts {
    return { sent: this.#sent, failed: this.#failed, skipped: this.#skipped, withheld: this.#withheld };
  }

  /**
   * Makes `send` the sender, or leaves none, and aborts what the one before has pending.
   *
   * @returns the generation that it is of.
   */
  replace(send: KeepaliveSend<Reason> | undefined): number {
    const pending = this.#pending;
    const generation = ++this.#generation;
    this.#send = send;
    this.#settle();
    if (pending) Send.abort(pending, 'AbortError', 'The keep-alive sender was replaced or removed');
    return generation;
  }

  /** Counts a keep-alive that was not to be sent. */
  withhold(): void {
    this.#withheld++;
  }

  /**
   * Sends one keep-alive, unless one is pending.
   *
   * @returns whether it is pending now, and needs a deadline.
   */
  send(trigger: Keepalive['trigger'], refcount: number, active: ActivityCounts<Reason>): boolean {
    const send = this.#send;
    if (send === undefined) return false;
    if (this.#pending !== undefined) {
      this.#skipped++;
      return false;
    }
    const pending = (this.#pending = new Send(trigger, refcount, active));
    try {
      const result = send(pending);
      if (isThenable(result)) this.#await(pending, result);
      else this.#succeed(pending);
    } catch (error) {
      this.#fail(pending, 'error', error);
    }
    return this.#pending === pending;
  }

  /** Sets when the pending send is to be given up. */
  giveUpAt(deadlineMs: number): void {
    this.#deadlineMs = deadlineMs;
  }

  /**
   * Gives the pending send up when its deadline has passed.
   *
   * @returns whether it did.
   */
  expire(nowMs: number): boolean {
    const pending = this.#pending;
    if (pending === undefined || nowMs < this.#deadlineMs) return false;
    this.#fail(pending, 'timeout', undefined);
    Send.abort(pending, 'TimeoutError', 'The keep-alive took longer than sendTimeoutMs');
    return true;
  }

  #await(pending: Send<Reason>, result: PromiseLike<unknown>): void {
    Promise.resolve(result).then(
      () => this.#succeed(pending),
      (error: unknown) => this.#fail(pending, 'error', error),
    );
  }

  #succeed(pending: Send<Reason>): void {
    if (this.#pending !== pending) return;
    this.#settle();
    this.#sent++;
    const failures = this.#failuresInARow;
    this.#failuresInARow = 0;
    if (failures > 0) report(this.#diagnostics, 'info', 'session_keepalive_recovered', { failures });
  }

  #fail(pending: Send<Reason>, outcome: KeepaliveOutcome, error: unknown): void {
    if (this.#pending !== pending) return;
    this.#settle();
    this.#failed++;
    if (++this.#failuresInARow > 1) return;
    report(this.#diagnostics, 'warn', 'session_keepalive_failed', { outcome, error_code: errorCode(error) });
  }

  #settle(): void {
    this.#pending = undefined;
    this.#deadlineMs = Infinity;
  }
}

/** An error's code where it is surely no personal data. */
function errorCode(error: unknown): string | null {
  try {
    const { code } = error as { code?: unknown };
    return typeof code === 'string' && ERROR_CODE.test(code) ? code : null;
  } catch {
    return null;
  }
}

/// <reference lib="esnext.disposable" preserve="true" />
import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import { type ActivityCounts, type KeepaliveOutcome, report } from './events.js';
import { type Keepalive, type KeepaliveSend, Send } from './keepalive.js';
import { isThenable } from './thenable.js';

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

const ERROR_CODE = /^[A-Z][A-Z0-9_]{0,63}$/;

/** A send whose promise has not settled yet. */
export interface PendingSend {
  readonly send: Send<string>;
  /** When it is to be given up: never, until whoever sent it says so. */
  deadlineMs: number;
}

/**
 * Calls the registered sender: one send at a time, each with a deadline. Nothing a sender does gets out.
 *
 * A send counts while it is being called and while it is the pending one. It ceases to be when it settles, when its
 * deadline passes, and when its sender is replaced or removed; what it does afterwards finds itself forgotten.
 */
export class KeepaliveSender<Reason extends string> {
  readonly #diagnostics: DiagnosticsLogger;
  #send: KeepaliveSend<Reason> | undefined = undefined;
  #generation = 0;
  // No more is kept of a send that is over when its call is: to refer to each new one costs more than to make it.
  #isCalling = false;
  #pending: PendingSend | undefined = undefined;
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

  /** When the pending send is to be given up; `Infinity` when there is none, or it has no deadline yet. */
  get deadlineMs(): number {
    return this.#pending?.deadlineMs ?? Infinity;
  }

  counts(): KeepaliveCounts {
    return { sent: this.#sent, failed: this.#failed, skipped: this.#skipped, withheld: this.#withheld };
  }

  /**
   * Makes `send` the sender, or leaves none, and aborts what the one before has pending: at once, or when its call
   * returns, if it is what calls this.
   *
   * @returns the generation that it is of.
   */
  replace(send: KeepaliveSend<Reason> | undefined): number {
    const pending = this.#pending;
    const generation = ++this.#generation;
    this.#send = send;
    this.#isCalling = false;
    this.#pending = undefined;
    if (pending) abortAsReplaced(pending.send);
    return generation;
  }

  /** Counts a keep-alive that was not to be sent. */
  withhold(): void {
    this.#withheld++;
  }

  /**
   * Sends one keep-alive, unless one is pending.
   *
   * @returns it, when it is pending now and needs a deadline.
   */
  send(trigger: Keepalive['trigger'], refcount: number, active: ActivityCounts<Reason>): PendingSend | undefined {
    const sender = this.#send;
    if (sender === undefined) return undefined;
    if (this.#isCalling || this.#pending !== undefined) {
      this.#skipped++;
      return undefined;
    }
    this.#isCalling = true;
    const send = new Send(trigger, refcount, active);
    try {
      const result = sender(send);
      if (isThenable(result)) return this.#await(send, result);
      if (this.#endCall(send)) this.#succeed();
    } catch (error) {
      if (this.#endCall(send)) {
        this.#pending = undefined;
        this.#fail('error', error);
      }
    }
    return undefined;
  }

  /**
   * Gives the pending send up when its deadline has passed.
   *
   * @returns whether it did.
   */
  expire(nowMs: number): boolean {
    const pending = this.#pending;
    if (pending === undefined || nowMs < pending.deadlineMs) return false;
    this.#giveUp(pending);
    return true;
  }

  #giveUp({ send }: PendingSend): void {
    this.#pending = undefined;
    this.#fail('timeout', undefined);
    Send.abort(send, 'TimeoutError', 'The keep-alive took longer than sendTimeoutMs');
  }

  #await(send: Send<Reason>, result: PromiseLike<unknown>): PendingSend | undefined {
    const pending: PendingSend = { send, deadlineMs: Infinity };
    const promise = Promise.resolve(result);
    if (this.#isCalling) this.#pending = pending;
    // A promise with a `then` of its own may settle before that returns.
    promise.then(
      () => this.#settle(pending) && this.#succeed(),
      (error: unknown) => this.#settle(pending) && this.#fail('error', error),
    );
    return this.#endCall(send) ? this.#pending : undefined;
  }

  /** @returns whether it still counts. A send whose sender was replaced or removed by its own call is aborted here. */
  #endCall(send: Send<Reason>): boolean {
    const stillCounts = this.#isCalling;
    this.#isCalling = false;
    if (!stillCounts) abortAsReplaced(send);
    return stillCounts;
  }

  /** @returns whether it still counted. */
  #settle(pending: PendingSend): boolean {
    const stillCounts = this.#pending === pending;
    if (stillCounts) this.#pending = undefined;
    return stillCounts;
  }

  #succeed(): void {
    this.#sent++;
    const failures = this.#failuresInARow;
    this.#failuresInARow = 0;
    if (failures > 0) report(this.#diagnostics, 'info', 'session_keepalive_recovered', { failures });
  }

  #fail(outcome: KeepaliveOutcome, error: unknown): void {
    this.#failed++;
    if (++this.#failuresInARow > 1) return;
    report(this.#diagnostics, 'warn', 'session_keepalive_failed', { outcome, error_code: errorCode(error) });
  }
}

function abortAsReplaced(send: Send<string>): void {
  Send.abort(send, 'AbortError', 'The keep-alive sender was replaced or removed');
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

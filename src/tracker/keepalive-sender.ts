import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import { type ActivityCounts, type KeepaliveSend, type KeepaliveTrigger, NOT_SENT } from '../ports/keepalive.js';
import { type KeepaliveCounts, type KeepaliveOutcome, logEvent, type NotSentCause } from './events.js';
import { isThenable } from './ignore-errors.js';
import type { ResolvedOptions } from './options.js';
import { Send } from './send.js';
import type { SessionClock } from './session-clock.js';

const ERROR_CODE = /^[A-Z][A-Z0-9_]{0,63}$/;

/**
 * Calls the registered sender: one send at a time, each with a deadline. Nothing that a sender does escapes.
 *
 * A send is in flight from its call until it settles, its deadline passes, or its sender is replaced or removed. Later
 * outcomes are ignored.
 */
export class KeepaliveSender<Reason extends string> {
  readonly #clock: SessionClock;
  readonly #diagnostics: DiagnosticsLogger;
  readonly #options: ResolvedOptions;
  #sender: KeepaliveSend<Reason> | undefined = undefined;
  #generation = 0;
  #inFlight: Send<Reason> | undefined = undefined;
  /** When the send in flight is given up. */
  #deadlineMs = Infinity;
  #failuresInARow = 0;
  #isFailureLogged = false;
  #loggedCause: NotSentCause | undefined = undefined;
  #sent = 0;
  #failed = 0;
  #skipped = 0;
  #withheld = 0;
  #unsent = 0;

  constructor(clock: SessionClock, diagnostics: DiagnosticsLogger, options: ResolvedOptions) {
    this.#clock = clock;
    this.#diagnostics = diagnostics;
    this.#options = options;
  }

  get isRegistered(): boolean {
    return this.#sender !== undefined;
  }

  /** Tells one registration from the next, even of the same function. */
  get generation(): number {
    return this.#generation;
  }

  /** When the send in flight is given up; `Infinity` when none is in flight. */
  get deadlineMs(): number {
    return this.#inFlight === undefined ? Infinity : this.#deadlineMs;
  }

  counts(): KeepaliveCounts {
    return {
      sent: this.#sent,
      failed: this.#failed,
      skipped: this.#skipped,
      withheld: this.#withheld,
      unsent: this.#unsent,
    };
  }

  /**
   * Makes `sender` the registered one, or leaves none.
   *
   * @returns the function that aborts the send in flight, if there is one. That send is not counted.
   */
  replace(sender: KeepaliveSend<Reason> | undefined): (() => void) | undefined {
    const abandoned = this.#inFlight;
    this.#sender = sender;
    this.#generation++;
    this.#inFlight = undefined;
    this.#isFailureLogged = false;
    this.#loggedCause = undefined;
    return abandoned && (() => Send.abort(abandoned, 'AbortError', 'The keep-alive sender was replaced or removed'));
  }

  /** Counts a keep-alive that was due but was withheld. */
  withhold(cause: 'gate' | 'overdue'): void {
    // The gate may have removed the sender, or disposed the tracker.
    if (!this.isRegistered) return;
    this.#withheld++;
    this.logNotSent(cause);
  }

  /** The next keep-alive that is not sent is logged, even if for the same cause as the last. */
  forgetCause(): void {
    this.#loggedCause = undefined;
  }

  /** Sends one keep-alive, unless one is in flight. */
  send(trigger: KeepaliveTrigger, refcount: number, active: ActivityCounts<Reason>): void {
    const calledAtMs = this.#options.trace ? this.#clock.now() : 0;
    const sender = this.#sender;
    if (sender === undefined) return;
    if (this.#inFlight !== undefined) {
      this.#skipped++;
      this.logNotSent('pending');
      return;
    }
    const send = new Send(trigger, refcount, active);
    this.#inFlight = send;
    this.#deadlineMs = Infinity;
    try {
      const result = sender(send);
      if (isThenable(result)) {
        Promise.resolve(result).then(
          (value) => this.settle(send, value, calledAtMs),
          (error: unknown) => this.fail(send, 'error', error),
        );
        // A send's time begins when the sender has returned its promise.
        if (this.#inFlight === send) this.#deadlineMs = this.#clock.now() + this.#options.sendTimeoutMs;
      } else {
        this.settle(send, result, calledAtMs);
      }
    } catch (error) {
      this.fail(send, 'error', error);
    }
  }

  /** Abandons a send in flight that is past its deadline, or a heartbeat's if the next heartbeat is on time. */
  expire(nowMs: number, isHeartbeatOnTime: boolean): void {
    const send = this.#inFlight;
    if (send === undefined) return;
    if (nowMs < this.#deadlineMs && !(isHeartbeatOnTime && send.trigger === 'heartbeat')) return;
    this.fail(send, 'timeout', undefined);
    Send.abort(send, 'TimeoutError', 'The keep-alive took longer than sendTimeoutMs');
  }

  private settle(send: Send<Reason>, value: unknown, calledAtMs: number): void {
    if (send !== this.#inFlight) return;
    this.#inFlight = undefined;
    if (value === NOT_SENT) {
      this.#unsent++;
      this.logNotSent('transport');
      return;
    }
    const failures = this.#failuresInARow;
    this.#sent++;
    this.#failuresInARow = 0;
    this.#isFailureLogged = false;
    this.#loggedCause = undefined;
    if (this.#options.trace) {
      const took_ms = Math.floor(this.#clock.now() - calledAtMs);
      logEvent(this.#diagnostics, 'debug', 'session_keepalive_sent', { trigger: send.trigger, took_ms });
    }
    if (failures > 0) logEvent(this.#diagnostics, 'info', 'session_keepalive_recovered', { failures });
  }

  private fail(send: Send<Reason>, outcome: KeepaliveOutcome, error: unknown): void {
    if (send !== this.#inFlight) return;
    this.#inFlight = undefined;
    this.#failed++;
    this.#failuresInARow++;
    this.#loggedCause = undefined;
    if (this.#isFailureLogged) return;
    this.#isFailureLogged = true;
    logEvent(this.#diagnostics, 'warn', 'session_keepalive_failed', { outcome, error_code: errorCode(error) });
  }

  private logNotSent(cause: NotSentCause): void {
    if (cause === this.#loggedCause) return;
    this.#loggedCause = cause;
    logEvent(this.#diagnostics, 'info', 'session_keepalive_not_sent', { cause });
  }
}

/** An error's code, unless it may hold personal data. */
function errorCode(error: unknown): string | null {
  try {
    const { code } = error as { code?: unknown };
    return typeof code === 'string' && ERROR_CODE.test(code) ? code : null;
  } catch {
    return null;
  }
}

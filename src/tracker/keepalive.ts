import type { PlatformAbortSignal } from './abort-signal.js';
import type { ActivityCounts } from './events.js';

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
   * `AbortError`). A sender that removes itself while it is called is aborted when it returns. Read the signal from here:
   * a copy of this object made by spreading has none. What a listener on it throws is uncaught, as with any `AbortSignal`.
   */
  readonly signal: PlatformAbortSignal;
}

/**
 * Sends one keep-alive over the transport. A promise is watched until it settles or `sendTimeoutMs` is over; anything
 * else that it returns is ignored. What it throws or rejects with is counted and never gets out.
 */
export type KeepaliveSend<Reason extends string = string> = (keepalive: Keepalive<Reason>) => unknown;

/** One call of a sender, as the sender is told of it. */
export class Send<Reason extends string> implements Keepalive<Reason> {
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

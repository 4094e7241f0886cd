import type { ActivityCounts, Keepalive, KeepaliveTrigger } from '../ports/keepalive.js';

/** One call of a sender, as the sender sees it. */
export class Send<Reason extends string> implements Keepalive<Reason> {
  readonly trigger: KeepaliveTrigger;
  readonly refcount: number;
  readonly active: ActivityCounts<Reason>;
  #controller: AbortController | undefined = undefined;

  constructor(trigger: KeepaliveTrigger, refcount: number, active: ActivityCounts<Reason>) {
    this.trigger = trigger;
    this.refcount = refcount;
    this.active = active;
  }

  /** Made when it is read: few senders use it, and making one takes far longer than the rest of a beat. */
  get signal(): AbortSignal {
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

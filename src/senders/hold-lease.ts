/// <reference lib="esnext.disposable" preserve="true" />
import { type Keepalive, type KeepaliveSend, NOT_SENT } from '../ports/keepalive.js';
import type { StateObserver } from '../tracker/state-observers.js';
import { assertFunction, assertKnownNames, assertMethods } from '../validate.js';
import { codedError } from './coded-error.js';
import { Turns } from './turns.js';

/** What {@link holdLease} needs of a tracker. */
export interface ObservableSession {
  /** Calls `observer` with each new state of the session. */
  observe(observer: StateObserver): () => void;
}

/** How a lease is renewed and given back. Either may return a promise. */
export interface LeaseOptions {
  /**
   * Renews the lease, or takes it if it is not held. Called for each keep-alive, like any sender: `httpKeepalive`
   * makes one. It must settle once the keep-alive's signal is aborted, because a release waits for it.
   */
  readonly renew: KeepaliveSend;

  /** Gives the lease back. */
  readonly release: () => unknown;
}

/** A lease that is held while a session works. */
export interface Lease extends AsyncDisposable {
  /** Renews the lease: the keep-alive sender to register, alone or with `combineSenders`. */
  readonly send: KeepaliveSend;

  /**
   * Ends the lease: it is not renewed again, and is released if a release is still due.
   *
   * @returns a promise that resolves when that is done, or rejects with the error of this `release`. Every call returns
   * the same promise.
   */
  release(): Promise<void>;
}

/**
 * Holds a lease while a session works, for a platform that must be told both when to keep a container and when to let
 * it go: ECS task protection, the annotations of the cluster autoscaler and the like.
 *
 * - `lease.send` calls `renew`, and its outcome is the send's.
 * - When the session becomes idle or is disposed, `release` is called once if a renewal was attempted since the last
 *   release, even a renewal that failed: it may have reached the platform. One that gave `NOT_SENT` does not count.
 * - Renewals and releases never overlap. A renewal waits for a release that is running, and is not made if its
 *   keep-alive is aborted meanwhile. A release waits for a pending renewal, and is postponed if work has begun again by
 *   then.
 * - While a renewal is pending the next fails with the code `BACKPRESSURE`.
 * - A release that fails is not repeated, and its error is ignored unless you called `lease.release()`. So give
 *   leases a time to live, of at least three intervals.
 *
 * The session becomes idle `idleAfterMs` after the last work. With the cadence `'steady'` the lease is taken when work
 * begins, and not one interval later. To wait for the release before the process exits, call `lease.release()`.
 *
 * @param tracker - the session's tracker, observed until the lease ends.
 * @throws TypeError for a tracker without `observe`, an unknown option, or one that is not a function.
 *
 * @example
 * ```ts
 * const lease = holdLease(tracker, {
 *   renew: httpKeepalive(url, { method: 'PUT', body: '{"ProtectionEnabled":true,"ExpiresInMinutes":2}' }),
 *   release: () => fetch(url, { method: 'PUT', body: '{"ProtectionEnabled":false}' }),
 * });
 * tracker.registerCallback(lease.send);
 * ```
 */
export function holdLease(tracker: ObservableSession, options: LeaseOptions): Lease {
  assertMethods('tracker', tracker, 'observe');
  assertKnownNames('options', options, ['renew', 'release']);
  assertFunction('renew', options.renew);
  assertFunction('release', options.release);
  return new HeldLease(tracker, options);
}

class HeldLease implements Lease {
  readonly #renew: KeepaliveSend;
  readonly #release: () => unknown;
  readonly #unsubscribe: () => void;
  readonly #turns = new Turns();
  #isWorking = false;
  #isRenewalPending = false;
  #isReleaseOwed = false;
  #isOver = false;
  #ending: Promise<void> | undefined;

  constructor(tracker: ObservableSession, { renew, release }: LeaseOptions) {
    this.#renew = renew;
    this.#release = release;
    this.#unsubscribe = tracker.observe((state) => {
      this.#isWorking = state === 'busy' || state === 'quiet';
      if (state === 'disposed') this.#isOver = true;
      // The tracker ignores this error.
      return this.#isWorking ? undefined : this.#giveBack();
    });
  }

  readonly send: KeepaliveSend = async (keepalive) => {
    if (this.#isOver) return NOT_SENT;
    if (this.#isRenewalPending) throw codedError('BACKPRESSURE', 'An earlier renewal is still pending');
    this.#isRenewalPending = true;
    try {
      return await this.#turns.run(() => this.#renewNow(keepalive));
    } finally {
      this.#isRenewalPending = false;
    }
  };

  release(): Promise<void> {
    this.#isOver = true;
    this.#unsubscribe();
    this.#ending ??= this.#giveBack();
    return this.#ending;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  async #renewNow(keepalive: Keepalive): Promise<unknown> {
    // It may have waited for a release.
    if (this.#isOver || keepalive.signal.aborted) return NOT_SENT;
    const wasReleaseOwed = this.#isReleaseOwed;
    this.#isReleaseOwed = true;
    const outcome = await this.#renew(keepalive);
    if (outcome === NOT_SENT) this.#isReleaseOwed = wasReleaseOwed;
    return outcome;
  }

  #giveBack(): Promise<void> {
    return this.#turns.run(async () => {
      const isHeldForWork = this.#isWorking && !this.#isOver;
      if (!this.#isReleaseOwed || isHeldForWork) return;
      this.#isReleaseOwed = false;
      await this.#release();
    });
  }
}

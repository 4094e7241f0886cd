/** How many activities are running, by reason. A reason with none has no entry. */
export type ActivityCounts<Reason extends string = string> = Readonly<Partial<Record<Reason, number>>>;

/** What caused a keep-alive: `'heartbeat'` for a beat of the schedule, `'signal'` for `sendSignal()`. */
export type KeepaliveTrigger = 'heartbeat' | 'signal';

/** The argument of a keep-alive sender, which may ignore it. */
export interface Keepalive<Reason extends string = string> {
  /** What caused this keep-alive. */
  readonly trigger: KeepaliveTrigger;

  /** How many activities are running. */
  readonly refcount: number;

  /** How many activities are running, by reason. */
  readonly active: ActivityCounts<Reason>;

  /**
   * Aborted when this send takes too long (the reason is a `TimeoutError`), or at once when its sender is replaced or
   * removed, even by itself (an `AbortError`). Read the signal from this object: a copy made by spreading has none. A
   * listener on it must not throw: Node reports that as uncaught.
   */
  readonly signal: AbortSignal;
}

/**
 * Returned by a sender, or resolved to, when it had nothing to send on: a closed socket, a client that asked for no
 * progress. The tracker counts it as `unsent`, neither a success nor a failure.
 *
 * A registered symbol, so that two copies of this package agree on it.
 */
export const NOT_SENT: unique symbol = Symbol.for('session-activity-tracker/not-sent');

/**
 * Sends one keep-alive over the transport. A promise is watched until it settles or `sendTimeoutMs` has passed. Apart
 * from {@link NOT_SENT}, the result is ignored. What it throws or rejects with counts as a failure and goes no further.
 */
export type KeepaliveSend<Reason extends string = string> = (keepalive: Keepalive<Reason>) => unknown;

import { type KeepaliveSend, NOT_SENT } from '../ports/keepalive.js';
import { assertFunction } from '../validate.js';

/**
 * Makes one keep-alive sender of several: for a session that has a transport and a lease, or two transports.
 *
 * All are called at once with the same keep-alive, and none affects the others. The send settles when all have settled,
 * within `sendTimeoutMs` like any other. It fails with the first failure in the order of the arguments, gives
 * `NOT_SENT` if all of them did, and succeeds otherwise.
 *
 * @throws TypeError for a sender that is not a function.
 *
 * @example
 * ```ts
 * tracker.registerCallback(combineSenders(webSocketPing(socket), lease.send));
 * ```
 */
export function combineSenders<Reason extends string = string>(
  ...senders: readonly KeepaliveSend<Reason>[]
): KeepaliveSend<Reason> {
  senders.forEach((send, index) => assertFunction(`senders[${index}]`, send));
  return async (keepalive) => {
    const results = await Promise.allSettled(senders.map((send) => new Promise((resolve) => resolve(send(keepalive)))));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    return results.every((result) => result.status === 'fulfilled' && result.value === NOT_SENT) ? NOT_SENT : undefined;
  };
}

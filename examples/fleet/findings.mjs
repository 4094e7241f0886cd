import { listLeases } from './lease-store.mjs';
import { KILLED } from './plan.mjs';

/** @typedef {import('./fleet.mjs').SessionReport} SessionReport */

/**
 * What was foretold, and what happened.
 *
 * @typedef {{ what: string, foretold: string, happened: string }} Finding
 */

/**
 * @param {string} what
 * @param {string | number} foretold
 * @param {string | number} happened
 * @returns {Finding}
 */
export function finding(what, foretold, happened) {
  return { what, foretold: String(foretold), happened: String(happened) };
}

/** @param {number} ms */
export function inSeconds(ms) {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/**
 * Finds out what has become of every session.
 *
 * @param {import('./fleet.mjs').Fleet} fleet after the killing of a host and the restart of Redis
 * @param {import('./redis-server.mjs').RedisServer} redis
 * @param {readonly SessionReport[]} doomed the sessions that were busy on the host when it was killed
 */
export async function findAll(fleet, redis, doomed) {
  const sessions = await fleet.sessions();
  const busy = sessions.filter((session) => session.busy);
  const others = sessions.filter((session) => !session.busy);
  const { reaped } = await fleet.reaper();
  const reapedIds = reaped.map(({ sessionId }) => sessionId);
  return [
    finding(`reaped in all, of the busy ones of ${KILLED}`, ...compare(doomed, reapedIds)),
    finding('failed, recovered events of each busy one', '1, 1', tellEvents(busy)),
    finding('the same of each other one', '0, 0', tellEvents(others)),
    finding('leases after the restart, of the busy ones', ...compare(busy, await listLeases(redis.client))),
  ];
}

/**
 * @param {readonly SessionReport[]} wanted
 * @param {readonly string[]} got ids of sessions
 * @returns {[foretold: string, happened: string]}
 */
function compare(wanted, got) {
  const ids = new Set(got);
  const right = wanted.filter(({ sessionId }) => ids.has(sessionId)).length;
  const tell = (/** @type {number} */ right, /** @type {number} */ wrong) => `${right}, and ${wrong} others`;
  return [tell(wanted.length, 0), tell(right, got.length - right)];
}

/** @param {readonly SessionReport[]} sessions */
function tellEvents(sessions) {
  const numbers = new Set(sessions.map(({ failed, recovered }) => `${failed}, ${recovered}`));
  return [...numbers].sort().join(' or ');
}

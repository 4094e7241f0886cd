import { DOWN_MS, HOSTS, INTERVAL_MS, KILLED, POLL_MS, SESSIONS, SESSIONS_PER_HOST, TTL_MS } from './plan.mjs';

/** @typedef {import('./fleet.mjs').Fleet} Fleet */
/** @typedef {import('./redis-server.mjs').RedisServer} RedisServer */
/** @typedef {(line: string) => void} Tell */
/** @typedef {{ what: string, expected: string | number, actual: string | number }} Finding */

/** The longest wait for a step without a time limit of its own. */
const PATIENCE_MS = 20_000;

/** How long commands are counted: whole intervals, so that each session sends the same number of times. */
const MEASURED_MS = 2 * INTERVAL_MS;

/** How late the reaper may be: one poll, and some time on a busy machine. */
const LATE_MS = POLL_MS + 1_000;

const count = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** @param {number} ms */
export function inSeconds(ms) {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/**
 * @param {Fleet} fleet
 * @param {Tell} tell
 * @returns {Promise<Finding[]>}
 */
export async function play(fleet, tell) {
  const redis = await fleet.startRedis();
  const { bytes } = await redis.figures();
  await fleet.startWork(redis.port);
  tell(`${HOSTS.length} hosts with ${count.format(SESSIONS_PER_HOST)} sessions each are at work.`);
  return [
    ...(await watchWork(fleet, redis, bytes, tell)),
    ...(await killHost(fleet, redis, tell)),
    ...(await restartRedis(fleet, redis, tell)),
  ];
}

/**
 * Some sessions finish their work, others keep working.
 *
 * @param {Fleet} fleet
 * @param {RedisServer} redis
 * @param {number} bytesBefore the memory of Redis before the first lease
 * @param {Tell} tell
 * @returns {Promise<Finding[]>}
 */
async function watchWork(fleet, redis, bytesBefore, tell) {
  const busy = HOSTS.length * SESSIONS.busy;
  await fleet.until(PATIENCE_MS, async () => (await redis.figures()).leases === busy);
  const [hosts, figures] = [await fleet.hosts(), await redis.figures()];
  await fleet.pass(MEASURED_MS);
  const [hostsAfter, figuresAfter] = [await fleet.hosts(), await redis.figures()];

  const seconds = (figuresAfter.nowMs - figures.nowMs) / 1_000;
  const renewals = (hostsAfter.sent - hosts.sent) / seconds;
  const commands = (figuresAfter.commands - figures.commands) / seconds;
  const bytes = (figuresAfter.bytes - bytesBefore) / busy;
  tell(
    `${count.format(busy)} sessions are busy: ${count.format(renewals)} renewals per second, ` +
      `in ${count.format(commands)} commands per second.`,
  );
  tell(`Redis uses ${count.format(bytes)} bytes per busy session.`);
  return [
    { what: 'sessions', expected: HOSTS.length * SESSIONS_PER_HOST, actual: hostsAfter.sessions },
    { what: 'busy sessions', expected: busy, actual: hostsAfter.busy },
    { what: 'leases', expected: busy, actual: figuresAfter.leases },
    { what: 'leases taken while all hosts run', expected: 0, actual: (await fleet.reaper()).taken },
  ];
}

/**
 * @param {Fleet} fleet
 * @param {RedisServer} redis
 * @param {Tell} tell
 * @returns {Promise<Finding[]>}
 */
async function killHost(fleet, redis, tell) {
  await fleet.kill(KILLED);
  // Two round trips: by the second answer, Redis has run everything that the host sent before it died.
  await redis.figures();
  const { nowMs } = await redis.figures();
  tell(`${KILLED} is killed with ${count.format(SESSIONS.busy)} busy sessions.`);
  await fleet.until(PATIENCE_MS, async () => (await fleet.reaper()).taken >= SESSIONS.busy);

  const { taken, byHost, firstAtMs, lastAtMs } = await fleet.reaper();
  const range = `${inSeconds(firstAtMs - nowMs)} to ${inSeconds(lastAtMs - nowMs)}`;
  tell(`${count.format(taken)} sessions are found dead. Time to detection: ${range}.`);
  const inTime = lastAtMs - nowMs <= TTL_MS + LATE_MS;
  return [
    { what: `leases taken from ${KILLED}`, expected: SESSIONS.busy, actual: byHost[KILLED] ?? 0 },
    { what: `within ${inSeconds(TTL_MS + LATE_MS)}`, expected: 'yes', actual: inTime ? 'yes' : 'no' },
  ];
}

/**
 * @param {Fleet} fleet
 * @param {RedisServer} redis
 * @param {Tell} tell
 * @returns {Promise<Finding[]>}
 */
async function restartRedis(fleet, redis, tell) {
  const { busy } = await fleet.hosts();
  await fleet.ask('forget');
  await redis.shutDown();
  tell('Redis is shut down.');
  await fleet.pass(DOWN_MS);
  await redis.start();
  const startedAtMs = performance.now();
  tell(`Redis is back after ${inSeconds(DOWN_MS)}, with its data. All of its leases have expired.`);
  await fleet.until(PATIENCE_MS, async () => (await fleet.hosts()).recovered >= busy);
  tell(`Keep-alives of all sessions succeed again ${inSeconds(performance.now() - startedAtMs)} later.`);
  // The reaper takes nothing during the grace period, so check what it does afterwards.
  await fleet.pass(startedAtMs + TTL_MS + LATE_MS - performance.now());
  const [hosts, { taken }] = [await fleet.hosts(), await fleet.reaper()];
  tell(`The reaper has waited ${inSeconds(TTL_MS)} for renewals and takes lapsed leases again.`);
  return [
    { what: 'sessions whose keep-alives failed', expected: busy, actual: hosts.failed },
    { what: 'sessions whose keep-alives recovered', expected: busy, actual: hosts.recovered },
    { what: 'leases after the restart', expected: busy, actual: (await redis.figures()).leases },
    { what: 'leases taken in total', expected: SESSIONS.busy, actual: taken },
  ];
}

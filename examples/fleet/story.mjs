import { findAll, finding, inSeconds } from './findings.mjs';
import { HOSTS, INTERVAL_MS, KILLED, SEEN_WITHIN_MS, SESSIONS, SESSIONS_PER_HOST, TTL_MS } from './plan.mjs';

/** @typedef {import('./fleet.mjs').Fleet} Fleet */
/** @typedef {import('./findings.mjs').Finding} Finding */
/** @typedef {import('./redis-server.mjs').RedisServer} RedisServer */
/** @typedef {(line: string) => void} Tell */

/** How long is waited for what has no time limit of its own. */
const PATIENCE_MS = 15_000;

/** For how long commands are counted: so many beats that it hardly matters where in a beat that begins. */
const MEASURED_MS = 12_000;

/** For how long Redis is down: more than one beat. */
const DOWN_MS = 2_500;

/**
 * @param {Fleet} fleet
 * @param {Tell} tell
 */
export async function play(fleet, tell) {
  const redis = await fleet.startRedis();
  tell(`Redis listens on 127.0.0.1:${redis.port} and writes nothing to disk.`);
  await fleet.startProcesses(redis.port);
  tell(`${HOSTS.length} hosts with ${SESSIONS_PER_HOST} sessions each are at work, and a reaper.`);
  const findings = await watchWork(fleet, tell);

  const doomed = await fleet.busySessions(KILLED);
  findings.push(
    ...(await killHost(fleet, redis, doomed.length, tell)),
    ...(await restartRedis(fleet, redis, tell)),
    ...(await findAll(fleet, redis, doomed)),
  );
  return findings;
}

/**
 * Some sessions finish their work, others go on.
 *
 * @param {Fleet} fleet
 * @param {Tell} tell
 * @returns {Promise<Finding[]>}
 */
async function watchWork(fleet, tell) {
  const busy = HOSTS.length * SESSIONS.busy;
  await fleet.until(PATIENCE_MS, async () => {
    const { polls } = await fleet.reaper();
    return polls > 0 && (await fleet.busySessions()).length === busy;
  });
  const before = await fleet.sent();
  await fleet.pass(MEASURED_MS);
  const after = await fleet.sent();
  const seconds = (after.atMs - before.atMs) / 1_000;
  const commands = after.commands - before.commands;
  const pipelines = after.pipelines - before.pipelines;
  const ticks = (HOSTS.length * seconds * 1_000) / INTERVAL_MS;
  tell(
    `${busy} sessions are busy: ${Math.round(commands / seconds)} commands per second, in ` +
      `${(pipelines / ticks).toFixed(1)} pipelines per host and interval.`,
  );
  const { reaped } = await fleet.reaper();
  return [
    finding('sessions', HOSTS.length * SESSIONS_PER_HOST, (await fleet.sessions()).length),
    finding('busy, when short work is done', busy, (await fleet.busySessions()).length),
    finding('reaped while all hosts live', 0, reaped.length),
  ];
}

/**
 * @param {Fleet} fleet
 * @param {RedisServer} redis
 * @param {number} doomed how many busy sessions the host has
 * @param {Tell} tell
 * @returns {Promise<Finding[]>}
 */
async function killHost(fleet, redis, doomed, tell) {
  await fleet.kill(KILLED);
  // Asked twice: by the second answer, Redis has done all that the host still sent.
  await redis.nowMs();
  const killedAtMs = await redis.nowMs();
  tell(`${KILLED} is killed with ${doomed} busy sessions.`);
  await fleet.until(PATIENCE_MS, async () => (await fleet.reaper()).reaped.length >= doomed);

  const { reaped } = await fleet.reaper();
  const delays = reaped.map(({ atMs }) => atMs - killedAtMs);
  const range = [Math.min(...delays), Math.max(...delays)].map(inSeconds).join(' to ');
  tell(`${reaped.length} sessions are reaped. Time to detection by Redis' clock: ${range}.`);
  const ranOut = reaped.filter(({ ranOutAtMs }) => ranOutAtMs - killedAtMs <= TTL_MS);
  const seen = reaped.filter(({ ranOutAtMs, atMs }) => atMs - ranOutAtMs <= SEEN_WITHIN_MS);
  return [
    finding(`leases that ran out within ${inSeconds(TTL_MS)} of the kill`, doomed, ranOut.length),
    finding(`reaped within ${inSeconds(SEEN_WITHIN_MS)} of that`, doomed, seen.length),
  ];
}

/**
 * @param {Fleet} fleet
 * @param {RedisServer} redis
 * @param {Tell} tell
 * @returns {Promise<Finding[]>}
 */
async function restartRedis(fleet, redis, tell) {
  await redis.shutDown();
  tell('Redis is shut down under load, and forgets everything.');
  await fleet.pass(DOWN_MS);
  await fleet.until(PATIENCE_MS, async () => (await fleet.busySessions()).every(({ failed }) => failed > 0));
  const { polls } = await fleet.reaper();
  await redis.start();
  const startedAtMs = performance.now();
  tell('Redis is up again, on the same port.');

  await fleet.until(PATIENCE_MS, async () => (await fleet.busySessions()).every(({ recovered }) => recovered > 0));
  tell(`The keep-alives of all sessions get through again, ${inSeconds(performance.now() - startedAtMs)} later.`);
  await fleet.until(PATIENCE_MS, async () => (await fleet.reaper()).polls > polls);
  const polledAgain = (await fleet.reaper()).polls > polls;
  tell(`The reaper looks again, ${inSeconds(performance.now() - startedAtMs)} later.`);
  return [finding('reaper looks again', 'yes', polledAgain ? 'yes' : 'no')];
}

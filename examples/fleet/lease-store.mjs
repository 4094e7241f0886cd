import { Redis } from 'ioredis';

/** Redis' keys: who serves a session, and all sessions that have a lease, by the time at which it runs out. */
const LEASE_PREFIX = 'fleet:lease:';
const INDEX_KEY = 'fleet:leases';

/**
 * Every time is Redis' own, so that the clocks of the hosts do not matter. The lease is what counts; the index saves
 * the reaper from looking at leases that still hold.
 */
const NOW_MS = `
  local time = redis.call('TIME')
  local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)`;

const SCRIPTS = {
  holdLease: {
    numberOfKeys: 2,
    lua: `${NOW_MS}
      redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
      redis.call('ZADD', KEYS[2], nowMs + ARGV[3], ARGV[1])`,
  },
  freeLease: {
    numberOfKeys: 2,
    lua: `
      redis.call('DEL', KEYS[1])
      redis.call('ZREM', KEYS[2], ARGV[1])`,
  },
  // Listed and taken out at once: with several reapers, each session is the business of one.
  takeLapsed: {
    numberOfKeys: 1,
    lua: `${NOW_MS}
      local lapsed = {}
      for _, sessionId in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', nowMs, 'LIMIT', 0, ARGV[2])) do
        if redis.call('EXISTS', ARGV[1] .. sessionId) == 0 then
          table.insert(lapsed, { sessionId, redis.call('ZSCORE', KEYS[1], sessionId) })
          redis.call('ZREM', KEYS[1], sessionId)
        end
      end
      return { nowMs, lapsed }`,
  },
};

/** How many sessions the reaper takes at a time: Redis serves nobody else meanwhile. */
const TAKEN_AT_ONCE = 1_000;

/**
 * The commands that the scripts add to ioredis.
 *
 * @typedef {object} LeaseCommands
 * @property {(lease: string, index: string, sessionId: string, hostId: string, ttlMs: number) => unknown} holdLease
 * @property {(lease: string, index: string, sessionId: string) => unknown} freeLease
 * @property {(index: string, leasePrefix: string, limit: number) => Promise<[number, [string, string][]]>} takeLapsed
 */

/** @typedef {Redis & LeaseCommands} LeaseRedis */
/** @typedef {import('ioredis').ChainableCommander & LeaseCommands} LeasePipeline */

/**
 * Connects to Redis. While it is away a command fails at once instead of waiting for its return: a keep-alive is worth
 * nothing later, and the next one is under way. The connection comes back by itself.
 *
 * @param {number} port
 */
export function connect(port) {
  const redis = new Redis({
    host: '127.0.0.1',
    port,
    scripts: SCRIPTS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    retryStrategy: () => 100 + Math.random() * 100,
  });
  // The commands that fail tell it.
  redis.on('error', () => {});
  return /** @type {LeaseRedis} */ (redis);
}

/**
 * @param {LeasePipeline} pipeline
 * @param {string} sessionId
 * @param {string} hostId
 * @param {number} ttlMs
 */
export function holdLease(pipeline, sessionId, hostId, ttlMs) {
  pipeline.holdLease(LEASE_PREFIX + sessionId, INDEX_KEY, sessionId, hostId, ttlMs);
}

/**
 * @param {LeasePipeline} pipeline
 * @param {string} sessionId
 */
export function freeLease(pipeline, sessionId) {
  pipeline.freeLease(LEASE_PREFIX + sessionId, INDEX_KEY, sessionId);
}

/**
 * Takes out the sessions whose lease has run out, and tells by Redis' clock when each ran out and when that was found.
 *
 * @param {LeaseRedis} redis
 */
export async function takeLapsed(redis) {
  const [atMs, lapsed] = await redis.takeLapsed(INDEX_KEY, LEASE_PREFIX, TAKEN_AT_ONCE);
  return lapsed.map(([sessionId, ranOutAtMs]) => ({ sessionId, ranOutAtMs: Number(ranOutAtMs), atMs }));
}

/**
 * All sessions that have a lease, whether or not it still holds.
 *
 * @param {LeaseRedis} redis
 */
export function listLeases(redis) {
  return redis.zrange(INDEX_KEY, '0', '-1');
}

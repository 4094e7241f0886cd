/**
 * Redis' keys of one fleet:
 *
 * 1. `leases`, a sorted set: session ids by the Unix ms at which their lease runs out,
 * 2. `hosts`, a hash: the host that last renewed a session's lease,
 * 3. `server`, a hash: the Redis process that ran the last script, and from when on lapsed leases may be taken.
 *
 * The braces put them into one slot, as Redis Cluster requires for the keys of one script.
 */
export type LeaseKeys = readonly [leases: string, hosts: string, server: string];

export function leaseKeys(prefix: string): LeaseKeys {
  return [`{${prefix}}:leases`, `{${prefix}}:hosts`, `{${prefix}}:server`];
}

/** All times are Redis' own, so that the hosts' clocks do not matter. */
const NOW = `
  local time = redis.call('TIME')
  local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)`;

/**
 * Hosts cannot renew while Redis is down, so once it is back every lease gets a full time to live before any is taken.
 * A restart and a failover show in the id of the process. A server without one has no old leases either.
 */
const NOTICE_OTHER_SERVER = `${NOW}
  local ttlMs = tonumber(ARGV[1])
  local function waitForRenewals()
    redis.call('HSET', KEYS[3], 'take_from_ms', nowMs + ttlMs)
  end
  local runId = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  local lastRunId = redis.call('HGET', KEYS[3], 'run_id')
  if lastRunId ~= runId then
    redis.call('HSET', KEYS[3], 'run_id', runId)
    if lastRunId then waitForRenewals() end
  end`;

/** Renews leases. Arguments: time to live, host, session ids. */
export const RENEW = `${NOTICE_OTHER_SERVER}
  for i = 3, #ARGV do
    redis.call('ZADD', KEYS[1], nowMs + ttlMs, ARGV[i])
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[2])
  end`;

/** Releases leases, unless another host has renewed them since. Arguments: host, session ids. */
export const RELEASE = `
  for i = 2, #ARGV do
    if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[1] then
      redis.call('ZREM', KEYS[1], ARGV[i])
      redis.call('HDEL', KEYS[2], ARGV[i])
    end
  end`;

/** Gives the time, in Unix ms. */
export const READ_CLOCK = `${NOW}
  return nowMs`;

/**
 * Lists lapsed leases and removes them in one step, so that each goes to one reaper. Arguments: time to live, when the
 * reaper first asked, how many to take at most. If the reaper had to wait long, Redis was unreachable meanwhile.
 */
export const TAKE_LAPSED = `${NOTICE_OTHER_SERVER}
  if nowMs - ARGV[2] > ttlMs / 4 then waitForRenewals() end
  local takeFromMs = redis.call('HGET', KEYS[3], 'take_from_ms')
  if takeFromMs and nowMs < tonumber(takeFromMs) then return { nowMs, {} } end
  local lapsed = {}
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', nowMs, 'LIMIT', 0, ARGV[3])) do
    table.insert(lapsed, { id, redis.call('HGET', KEYS[2], id), redis.call('ZSCORE', KEYS[1], id) })
    redis.call('ZREM', KEYS[1], id)
    redis.call('HDEL', KEYS[2], id)
  end
  return { nowMs, lapsed }`;

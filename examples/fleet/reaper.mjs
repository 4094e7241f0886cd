// Takes lapsed leases. A real reaper would notify the users, or restart the sessions elsewhere. Argument: Redis' port.
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisLeases } from 'session-activity-tracker/redis';
import { answerParent } from './child-process.mjs';
import { POLL_MS, TTL_MS } from './plan.mjs';
import { connect } from './redis-server.mjs';

const leases = new RedisLeases(await connect(Number(process.argv[2])), { ttlMs: TTL_MS });

/** @typedef {{ taken: number, byHost: Record<string, number>, firstAtMs: number, lastAtMs: number }} ReaperReport */

/** @type {ReaperReport} times by Redis' clock */
const report = { taken: 0, byHost: {}, firstAtMs: 0, lastAtMs: 0 };
answerParent({ report: () => report });

for (;;) {
  await sleep(POLL_MS);
  try {
    for (const { hostId, takenAtMs } of await leases.takeLapsed()) {
      report.taken++;
      report.byHost[hostId] = (report.byHost[hostId] ?? 0) + 1;
      report.firstAtMs ||= takenAtMs;
      report.lastAtMs = takenAtMs;
    }
  } catch {
    // Redis is down. The next poll finds the leases that have lapsed meanwhile.
  }
}

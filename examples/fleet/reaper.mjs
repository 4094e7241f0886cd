// Lists the sessions whose lease ran out: somebody has to tell their users, or start them elsewhere. Argument: Redis' port.
import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from './child.mjs';
import { connect, takeLapsed } from './lease-store.mjs';
import { POLL_MS, TTL_MS } from './plan.mjs';

const redis = connect(Number(process.argv[2]));
let trustsFromMs = Infinity;
redis.on('ready', () => {
  // Redis may have been away from everybody, and may remember leases that nobody could refresh.
  trustsFromMs = performance.now() + TTL_MS;
});

/** @typedef {{ sessionId: string, ranOutAtMs: number, atMs: number }} Reaped */
/** @typedef {{ polls: number, failedPolls: number, reaped: Reaped[] }} ReaperReport */

/** @type {ReaperReport} */
const report = { polls: 0, failedPolls: 0, reaped: [] };
answerParent({ report: () => report });

for (;;) {
  await sleep(POLL_MS);
  if (performance.now() < trustsFromMs) continue;
  try {
    report.reaped.push(...(await takeLapsed(redis)));
    report.polls++;
  } catch {
    report.failedPolls++;
  }
}

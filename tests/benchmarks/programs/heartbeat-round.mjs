import { setTimeout as sleep } from 'node:timers/promises';
import { answer, manyTrackers, request } from './child.mjs';

/**
 * The CPU that each heartbeat round of many busy trackers takes. Contenders that are measured at once, each with a
 * phase of its own, have their rounds by turns: what else the machine does slows all of them.
 */
const { trackers, intervalMs, rounds, phaseMs } = request;

/** The first rounds are for the compiler. */
const WARM_UP_ROUNDS = 3;

let beats = 0;
const startWork = await manyTrackers(request, () => {
  beats++;
});
await sleep(intervalMs - ((Date.now() - phaseMs) % intervalMs));
startWork();
const startMs = performance.now();

/** Until the middle between two rounds. */
const middleAfter = (round) => sleep(startMs + (round + 0.5) * intervalMs - performance.now());

await middleAfter(WARM_UP_ROUNDS);
const cpuMs = [];
for (let round = 1; round <= rounds; round++) {
  beats = 0;
  const before = process.cpuUsage();
  await middleAfter(WARM_UP_ROUNDS + round);
  const { user, system } = process.cpuUsage(before);
  cpuMs.push(((user + system) / 1000 / beats) * trackers);
}

answer({ cpuMs });

import { setTimeout as sleep } from 'node:timers/promises';
import { answer, block, contender, request } from './child.mjs';

/** The CPU that a heartbeat round of many busy trackers takes, and the longest block of the loop after a stall. */
const { name, trackers, intervalMs, rounds, stallRounds } = request;
const { createTracker } = await contender(name);

let beats = 0;
const onBeat = () => {
  beats++;
};
const kept = [];
for (let i = 0; i < trackers; i++) {
  const tracker = createTracker({ intervalMs, onBeat });
  tracker.start('api_call');
  kept.push(tracker);
}
// The first rounds are for the compiler and for what came late while the trackers were made.
await sleep(intervalMs * 2.5);

beats = 0;
const before = process.cpuUsage();
await sleep(intervalMs * rounds);
const { user, system } = process.cpuUsage(before);
const cpuMsPerRound = ((user + system) / 1000 / beats) * trackers;

block(intervalMs * stallRounds);
let longestBlockMs = 0;
const startMs = performance.now();
let lastMs = startMs;
await new Promise((resolve) => {
  const look = () => {
    const nowMs = performance.now();
    longestBlockMs = Math.max(longestBlockMs, nowMs - lastMs);
    lastMs = nowMs;
    if (nowMs - startMs > intervalMs) resolve();
    else setImmediate(look);
  };
  setImmediate(look);
});
answer({ cpuMsPerRound, longestBlockMs, trackers: kept.length });

import { setTimeout as sleep } from 'node:timers/promises';
import { answer, block, contender, request, settledHeapBytes } from './child.mjs';

/** The CPU that a heartbeat round of many busy trackers takes, and the longest block of the loop after a stall. */
const { name, trackers, intervalMs, rounds, stallRounds } = request;
const { createTracker } = await contender(name);

let beats = 0;
const onBeat = () => {
  beats++;
};
const kept = Array.from({ length: trackers }, () => createTracker({ intervalMs, onBeat }));
await settledHeapBytes();
// Started together, once all are made: beats spread over as many turns of the loop would cost both sides those turns.
for (const tracker of kept) tracker.start('api_call');

/** Blocks the loop for some rounds, and answers how long the beats that are late by then hold it in one turn. */
async function longestBlockAfterStall() {
  block(intervalMs * stallRounds);
  let longestMs = 0;
  const startMs = performance.now();
  let lastMs = startMs;
  while (lastMs - startMs < intervalMs / 2) {
    await new Promise((resolve) => setImmediate(resolve));
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
  }
  return longestMs;
}

// The first rounds and the first stall are for the compiler.
await sleep(intervalMs * 2.5);
await longestBlockAfterStall();
await sleep(intervalMs);

beats = 0;
const before = process.cpuUsage();
await sleep(intervalMs * rounds);
const { user, system } = process.cpuUsage(before);
const cpuMsPerRound = ((user + system) / 1000 / beats) * trackers;

answer({ cpuMsPerRound, longestBlockMs: await longestBlockAfterStall(), trackers: kept.length });

import { setTimeout as sleep } from 'node:timers/promises';
import { answer, block, manyTrackers, request } from './child.mjs';

/** For how long the beats of many busy trackers, late by some rounds, hold the loop in one turn. */
const { intervalMs, stallRounds } = request;

const startWork = await manyTrackers(request, () => undefined);
startWork();

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
await sleep(intervalMs * 2);

answer({ longestBlockMs: await longestBlockAfterStall() });

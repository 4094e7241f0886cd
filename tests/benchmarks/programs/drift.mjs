import { setTimeout as sleep } from 'node:timers/promises';
import { answer, block, contender, request } from './child.mjs';

/**
 * How far beats have drifted from the exact multiples of the interval on a loaded loop, all contenders in one process.
 * The load ends before the last beats: the least distance of those from their multiples is the drift, and not a block.
 */
const { names, intervalMs, beats } = request;
const UNLOADED_BEATS = 5;

/** Less than a tenth of the interval: a tracker's beat that comes later starts a new schedule. */
const MAX_BLOCK_MS = 15;

const contenders = await Promise.all(
  names.map(async (name) => {
    const { createTracker } = await contender(name);
    return { name, createTracker, beatMs: [], startMs: 0 };
  }),
);
for (const each of contenders) {
  const tracker = each.createTracker({ intervalMs, onBeat: () => each.beatMs.push(performance.now()) });
  tracker.start('api_call');
  each.startMs = performance.now();
}
const loadUntilMs = performance.now() + intervalMs * (beats - UNLOADED_BEATS);
while (performance.now() < loadUntilMs) {
  block(MAX_BLOCK_MS * Math.random());
  await sleep(5 * Math.random());
}
while (contenders.some(({ beatMs }) => beatMs.length < beats)) await sleep(intervalMs);

const driftMs = contenders.map(({ startMs, beatMs }) => {
  const lateness = beatMs.map((atMs, index) => atMs - startMs - (index + 1) * intervalMs);
  return Math.min(...lateness.slice(beats - UNLOADED_BEATS + 1, beats).map(Math.abs));
});
answer({ driftMs });

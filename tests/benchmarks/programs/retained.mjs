import { InProcessCleanupRegistry } from 'session-activity-tracker';
import { answer, contender, request, settledHeapBytes } from './child.mjs';

/** Counts the bytes that each of many trackers keeps in use: with nothing running, busy, or disposed and let go. */
const { name, state, trackers } = request;
const { createTracker } = await contender(name);
const registry = new InProcessCleanupRegistry();

const BUILD = {
  resting: () => createTracker(),
  busy: () => {
    const tracker = createTracker();
    tracker.start('api_call');
    return tracker;
  },
  disposed: () => {
    const tracker = createTracker({ registry });
    tracker.start('api_call');
    tracker.start('tool_exec');
    tracker.stop('api_call');
    return tracker;
  },
};

/** Kept on purpose: what a process needs once is needed before the count begins. */
const kept = new Array(trackers).fill(null);

function fill() {
  for (let i = 0; i < trackers; i++) kept[i] = BUILD[state]();
  if (state !== 'disposed') return;
  for (let i = 0; i < trackers; i++) {
    kept[i].dispose();
    kept[i] = null;
  }
}

if (state === 'disposed') fill();
else for (let i = 0; i < 1000; i++) BUILD[state]().dispose();
const before = await settledHeapBytes();
fill();
const after = await settledHeapBytes();
answer({ bytes: (after - before) / kept.length });

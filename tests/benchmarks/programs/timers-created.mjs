import { createHook } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { answer, contender, request } from './child.mjs';

/** Counts the Node timers made by 100 bounces within an interval and by the silence after them. */
const { name } = request;
const INTERVAL_MS = 1000;

let timers = 0;
createHook({
  init(_id, type) {
    if (type === 'Timeout') timers++;
  },
}).enable();

const { createTracker } = await contender(name);
const tracker = createTracker({ intervalMs: INTERVAL_MS });
const startMs = performance.now();
const until = async (ms) => {
  while (performance.now() < startMs + ms) await nextTurn();
};
for (let i = 0; i < 100; i++) {
  tracker.start('api_call');
  tracker.stop('api_call');
  await until(((i + 1) * INTERVAL_MS * 0.9) / 100);
}
await until(INTERVAL_MS * 2.5);
answer({ timers });

import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer, contender, request } from './child.mjs';

/** Counts the bytes that a loop allocates each time, in a young generation so large that nothing is collected. */
const { name, loop, times } = request;

const collectedAtMs = [];
const observer = new PerformanceObserver((list) => {
  for (const { startTime } of list.getEntries()) collectedAtMs.push(startTime);
});

const module = await contender(name);
const run = module[loop]();
for (let i = 0; i < 200; i++) {
  run(1000);
  await sleep(0);
}
globalThis.gc();
observer.observe({ entryTypes: ['gc'] });
const before = process.memoryUsage().heapUsed;
const startMs = performance.now();
run(times);
const endMs = performance.now();
const after = process.memoryUsage().heapUsed;
await sleep(50);
if (collectedAtMs.some((atMs) => atMs >= startMs && atMs <= endMs)) {
  throw new Error('Expected no garbage collection while allocations were counted');
}
answer({ bytes: (after - before) / times });

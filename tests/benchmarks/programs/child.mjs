/** What the parent asks of this process. */
export const request = JSON.parse(process.argv[2]);

/** The module of a contender. Only those that a program measures are loaded, so that they do not disturb it. */
export function contender(name) {
  return import(`../contenders/${name}.mjs`);
}

/** Answers the parent and ends, whatever timers are left. */
export function answer(result) {
  process.send(result, () => process.exit());
}

/** The bytes in use after everything unreachable is gone. */
export async function settledHeapBytes() {
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed;
}

/**
 * Many trackers with a sender, and the function that has work start in all of them at once: beats spread over as many
 * turns of the loop would cost every contender those turns.
 */
export async function manyTrackers({ name, trackers, intervalMs }, onBeat) {
  const { createTracker } = await contender(name);
  const kept = Array.from({ length: trackers }, () => createTracker({ intervalMs, onBeat }));
  await settledHeapBytes();
  return () => kept.forEach((tracker) => tracker.start('api_call'));
}

/** Holds the event loop for that long. */
export function block(ms) {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

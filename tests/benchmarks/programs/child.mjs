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

/** Holds the event loop for that long. */
export function block(ms) {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

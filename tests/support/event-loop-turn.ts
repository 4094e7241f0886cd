/** Lets pending promise reactions run, and Node report unhandled rejections. */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Lets every promise reaction that waits run, and Node look for unhandled rejections. */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something that sockets, servers or other processes bring about is the case: 20 s at most. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 20_000;
  while (!(await isTrue())) {
    if (performance.now() > deadlineMs) throw new Error(`Waited 20 s in vain until ${String(isTrue)}`);
    await sleep(5);
  }
}

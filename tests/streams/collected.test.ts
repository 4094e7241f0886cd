import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, jest } from '@jest/globals';
import { createTestTracker } from '../../src/testing/index.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const MOST_TURNS = 500;

async function collectUntil(isDone: () => boolean): Promise<void> {
  for (let turn = 0; turn < MOST_TURNS && !isDone(); turn++) {
    collectGarbage();
    await eventLoopTurn();
  }
}

async function* endless() {
  for (;;) yield await Promise.resolve(1);
}

describe('a tracked stream that is garbage-collected', () => {
  it('ends its activity and leaves an iterator to its owner', async () => {
    const { tracker } = createTestTracker();
    const source = endless();
    // A function of its own, which leaves nothing behind.
    await (async () => {
      await tracker.track('api_call', source).next();
    })();
    expect(tracker.snapshot().refcount).toBe(1);
    await collectUntil(() => tracker.snapshot().refcount === 0);
    expect(tracker.snapshot().refcount).toBe(0);
    expect(await source.next()).toEqual({ done: false, value: 1 });
  });

  it('cancels a ReadableStream, and lets no failure of that escape', async () => {
    const { tracker } = createTestTracker();
    const cancel = jest.fn<() => Promise<void>>(() => Promise.reject(new Error('cannot be cancelled')));
    await (async () => {
      const source = new ReadableStream({ pull: (controller) => controller.enqueue(1), cancel });
      await tracker.track('api_call', source).getReader().read();
    })();
    expect(tracker.snapshot().refcount).toBe(1);
    await collectUntil(() => cancel.mock.calls.length > 0);
    expect(cancel).toHaveBeenCalledTimes(1);
    expect(tracker.snapshot().refcount).toBe(0);
  });
});

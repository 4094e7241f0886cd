import { describe, expect, it, jest } from '@jest/globals';
import type { SessionActivityTracker } from '../../src/index.js';
import { createTestTracker } from '../../src/testing/index.js';
import { defer } from '../support/deferred.js';
import { readAll } from '../support/read-all.js';
import { thrownBy } from '../support/thrown-by.js';

type Result = IteratorResult<unknown, unknown>;

const running = (tracker: SessionActivityTracker): number => tracker.snapshot().refcount;

/** A source that answers when a test lets it, and says what it was asked. */
function handOperated() {
  const pending: ReturnType<typeof defer<Result>>[] = [];
  const next = jest.fn<(...args: unknown[]) => Promise<Result>>(() => {
    const result = defer<Result>();
    pending.push(result);
    return result.promise;
  });
  const iterator = {
    next,
    return: jest.fn((value?: unknown) => Promise.resolve<Result>({ done: true, value })),
    throw: jest.fn((error?: unknown): Promise<Result> => Promise.reject(error as Error)),
  };
  const open = jest.fn(() => iterator);
  const answer = (result: Result): void => pending.shift()?.resolve(result);
  return { ...iterator, open, answer, source: { [Symbol.asyncIterator]: open } };
}

/** A source of which only `next` matters. */
const sourceOf = (next: () => Promise<Result>): AsyncIterable<unknown> => ({
  [Symbol.asyncIterator]: () => ({ next }),
});

async function* twoChunks() {
  yield await Promise.resolve('first');
  yield 'second';
  return 'the return value';
}

describe('track with an async iterable', () => {
  describe('the activity', () => {
    it('starts with the first read and stops at the end, before the reader learns of it', async () => {
      const { tracker } = createTestTracker();
      const tracked = tracker.track('api_call', twoChunks());
      expect(running(tracker)).toBe(0);
      const first = tracked.next();
      expect(tracker.snapshot().active).toEqual({ api_call: 1 });
      await first;
      await tracked.next();
      expect(running(tracker)).toBe(1);
      expect(await tracked.next().then(() => running(tracker))).toBe(0);
    });

    it('starts no other once the stream is over', async () => {
      const { tracker } = createTestTracker({ trace: true });
      const start = jest.fn();
      tracker.observe(start);
      const tracked = tracker.track('api_call', twoChunks());
      await readAll(tracked);
      expect(await tracked.next()).toEqual({ done: true, value: undefined });
      expect(start.mock.calls).toEqual([['busy'], ['idle']]);
    });

    it('stops when the stream fails, before the reader learns of it', async () => {
      const { tracker } = createTestTracker();
      const error = { not: 'an Error' };
      const tracked = tracker.track(
        'api_call',
        sourceOf(() => Promise.reject(error as unknown as Error)), // Anything may be thrown.
      );
      const seen = await tracked.next().catch((reason: unknown) => [reason === error, running(tracker)]);
      expect(seen).toEqual([true, 0]);
    });

    it('stops when a read throws', () => {
      const { tracker } = createTestTracker();
      const error = new Error('in next');
      const tracked = tracker.track(
        'api_call',
        sourceOf(() => {
          throw error;
        }),
      );
      expect(thrownBy(() => tracked.next())).toBe(error);
      expect(running(tracker)).toBe(0);
    });

    it('stops when the result is no object, which makes a loop fail', async () => {
      const { tracker } = createTestTracker();
      const tracked = tracker.track(
        'api_call',
        sourceOf(() => Promise.resolve(5 as unknown as Result)),
      );
      await expect(readAll(tracked)).rejects.toThrow('not an object');
      expect(running(tracker)).toBe(0);
    });

    it('stops when a loop is left early, and lets the source clean up', async () => {
      const { tracker } = createTestTracker();
      const cleanUp = jest.fn();
      async function* endless() {
        try {
          for (;;) yield await Promise.resolve(1);
        } finally {
          cleanUp(running(tracker));
        }
      }
      for await (const chunk of tracker.track('api_call', endless())) {
        expect(chunk).toBe(1);
        break;
      }
      expect(cleanUp.mock.calls).toEqual([[0]]);
    });

    it('stops for good when it is stopped by its reason while the stream goes on', async () => {
      const { tracker } = createTestTracker();
      const tracked = tracker.track('api_call', twoChunks());
      await tracked.next();
      tracker.stop('api_call');
      await tracked.next();
      await tracked.next();
      expect(running(tracker)).toBe(0);
    });

    it('stops when an observer that learns of it ends the stream at once', () => {
      const { tracker } = createTestTracker();
      const { source } = handOperated();
      const tracked = tracker.track('api_call', source);
      tracker.observe((state) => state === 'busy' && tracked.return?.());
      void tracked.next();
      expect(running(tracker)).toBe(0);
    });
  });

  describe('leaving while a read is pending', () => {
    it('ends the activity and the source at once with return', async () => {
      const { tracker } = createTestTracker();
      const { source, return: onReturn } = handOperated();
      const tracked = tracker.track('api_call', source);
      void tracked.next();
      const left = tracked.return?.('early');
      expect(onReturn.mock.calls).toEqual([['early']]);
      expect(running(tracker)).toBe(0);
      expect(await left).toEqual({ done: true, value: 'early' });
    });

    it('ends the activity and the source at once with throw', async () => {
      const { tracker } = createTestTracker();
      const { source, throw: onThrow } = handOperated();
      const tracked = tracker.track('api_call', source);
      void tracked.next();
      const error = new Error('enough');
      const left = tracked.throw?.(error);
      expect(onThrow.mock.calls).toEqual([[error]]);
      expect(running(tracker)).toBe(0);
      await expect(left).rejects.toBe(error);
    });

    it('starts nothing when the chunk comes after all', async () => {
      const { tracker } = createTestTracker();
      const { source, answer } = handOperated();
      const tracked = tracker.track('api_call', source);
      const read = tracked.next();
      await tracked.return?.();
      answer({ done: false, value: 'late' });
      expect(await read).toEqual({ done: false, value: 'late' });
      expect(running(tracker)).toBe(0);
    });
  });

  describe('throw', () => {
    it('goes on with the activity of a source that catches the error and goes on', async () => {
      const { tracker } = createTestTracker();
      async function* stubborn() {
        try {
          yield await Promise.resolve('first');
        } catch (error) {
          yield error;
        }
      }
      const tracked = tracker.track('api_call', stubborn());
      await tracked.next();
      expect(await tracked.throw?.('caught')).toEqual({ done: false, value: 'caught' });
      expect(running(tracker)).toBe(1);
      await tracked.next();
      expect(running(tracker)).toBe(0);
    });

    it('stays over for a source that catches the error and ends', async () => {
      const { tracker } = createTestTracker();
      const { source, throw: onThrow } = handOperated();
      onThrow.mockResolvedValue({ done: true, value: 'ended' });
      const tracked = tracker.track('api_call', source);
      expect(await tracked.throw?.(new Error('enough'))).toEqual({ done: true, value: 'ended' });
      void tracked.next();
      expect(running(tracker)).toBe(0);
    });

    it('closes a source without a throw and rejects with the error', async () => {
      const { tracker } = createTestTracker();
      const error = new Error('enough');
      const onReturn = jest.fn(() => Promise.resolve<Result>({ done: true, value: undefined }));
      const tracked = tracker.track('api_call', {
        [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: false, value: 1 }), return: onReturn }),
      });
      await tracked.next();
      await expect(tracked.throw?.(error)).rejects.toBe(error);
      expect(onReturn).toHaveBeenCalledTimes(1);
      expect(running(tracker)).toBe(0);
    });

    it('rejects with the error for a source with neither throw nor return', async () => {
      const { tracker } = createTestTracker();
      const error = new Error('enough');
      const tracked = tracker.track(
        'api_call',
        sourceOf(() => Promise.resolve({ done: false, value: 1 })),
      );
      await expect(tracked.throw?.(error)).rejects.toBe(error);
    });
  });

  describe('what a reader gets', () => {
    it('is the chunks themselves and the return value', async () => {
      const { tracker } = createTestTracker();
      const chunks = [{ a: 1 }, { b: 2 }];
      async function* source() {
        yield* chunks;
        return await Promise.resolve(chunks);
      }
      const tracked = tracker.track('api_call', source());
      const results = [await tracked.next(), await tracked.next(), await tracked.next()];
      expect(results[0]?.value).toBe(chunks[0]);
      expect(results[1]?.value).toBe(chunks[1]);
      expect(results[2]).toEqual({ done: true, value: chunks });
      expect(results[2]?.value).toBe(chunks);
    });

    it('is what a source answers without a promise', async () => {
      const { tracker } = createTestTracker();
      const results: Result[] = [
        { done: false, value: 'at once' },
        { done: true, value: undefined },
      ];
      const tracked = tracker.track(
        'api_call',
        sourceOf(() => results.shift() as unknown as Promise<Result>), // Allowed by `for await`.
      );
      const read: unknown[] = [];
      for await (const chunk of tracked) read.push(chunk, running(tracker));
      expect([...read, running(tracker)]).toEqual(['at once', 1, 0]);
    });

    it('is the value of an early return for a source without a return', async () => {
      const { tracker } = createTestTracker();
      const tracked = tracker.track(
        'api_call',
        sourceOf(() => Promise.resolve({ done: false, value: 1 })),
      );
      await tracked.next();
      expect(await tracked.return?.('early')).toEqual({ done: true, value: 'early' });
      expect(running(tracker)).toBe(0);
    });

    it('is every result of reads made at once, in the order of the source', async () => {
      const { tracker } = createTestTracker();
      const tracked = tracker.track('api_call', twoChunks());
      const results = await Promise.all([tracked.next(), tracked.next(), tracked.next()]);
      expect(results.map(({ value }) => value as unknown)).toEqual(['first', 'second', 'the return value']);
      expect(running(tracker)).toBe(0);
    });
  });

  describe('what a source sees', () => {
    it('is one opening at the start of a loop, or at the first read', () => {
      const { tracker } = createTestTracker();
      const looped = handOperated();
      const inLoop = tracker.track('api_call', looped.source);
      expect(looped.open).not.toHaveBeenCalled();
      expect(inLoop[Symbol.asyncIterator]()).toBe(inLoop);
      expect(looped.open).toHaveBeenCalledTimes(1);
      expect(looped.next).not.toHaveBeenCalled();
      void inLoop.next();
      expect(looped.open).toHaveBeenCalledTimes(1);

      const read = handOperated();
      void tracker.track('api_call', read.source).next();
      expect(read.open).toHaveBeenCalledTimes(1);
    });

    it('is an opening that fails as it would without us, and starts nothing', () => {
      const { tracker } = createTestTracker();
      const error = new Error('consumed already');
      const tracked = tracker.track('api_call', {
        [Symbol.asyncIterator]: () => {
          throw error;
        },
      });
      expect(thrownBy(() => tracked.next())).toBe(error);
      expect(running(tracker)).toBe(0);
    });

    it('is one read for each read, with what was passed', () => {
      const { tracker } = createTestTracker();
      const { source, next } = handOperated();
      const tracked = tracker.track('api_call', source);
      void tracked.next();
      void tracked.next('a message');
      expect(next.mock.calls).toEqual([[], ['a message']]);
    });
  });

  it('passes through after dispose', async () => {
    const { tracker, clock } = createTestTracker();
    const tracked = tracker.track('api_call', twoChunks());
    await tracked.next();
    tracker.dispose();
    expect(await tracked.next()).toEqual({ done: false, value: 'second' });
    expect(await readAll(tracker.track('api_call', twoChunks()))).toEqual(['first', 'second']);
    expect(clock.pendingTimers).toBe(0);
  });
});

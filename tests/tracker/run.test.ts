import { describe, expect, it, jest } from '@jest/globals';
import { defer } from '../support/deferred.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { observeTracker } from '../support/observed-tracker.js';
import { thrownBy } from '../support/thrown-by.js';

describe('SessionActivityTracker', () => {
  describe('run', () => {
    it.each([undefined, null, 0, 'text', { then: 'no function' }, Symbol('value')])(
      'gives back the value %p as it is and has stopped by then',
      (value) => {
        const { tracker } = observeTracker();
        const work = jest.fn(() => {
          expect(tracker.snapshot().active).toEqual({ api_call: 1 });
          return value;
        });
        expect(tracker.run('api_call', work)).toBe(value);
        expect(work).toHaveBeenCalledTimes(1);
        expect(tracker.snapshot().refcount).toBe(0);
      },
    );

    it('stops when work throws, and passes the error on unchanged', () => {
      const { tracker } = observeTracker();
      const error = { not: 'an Error' };
      const given = thrownBy(() =>
        tracker.run('api_call', () => {
          throw error as unknown as Error; // Anything may be thrown.
        }),
      );
      expect(given).toBe(error);
      expect(tracker.snapshot().refcount).toBe(0);
    });

    it('stops when the promise resolves, and before the caller learns of it', async () => {
      const { tracker } = observeTracker();
      const { promise, resolve } = defer<string>();
      const given = tracker.run('api_call', () => promise);
      await eventLoopTurn();
      expect(tracker.snapshot().refcount).toBe(1);
      const seen = given.then((value) => [value, tracker.snapshot().refcount]);
      resolve('done');
      expect(await seen).toEqual(['done', 0]);
    });

    it('stops when the promise rejects, and before the caller learns of it', async () => {
      const { tracker } = observeTracker();
      const { promise, reject } = defer<string>();
      const error = new Error('failed');
      const seen = tracker
        .run('api_call', () => promise)
        .catch((reason: unknown) => [reason, tracker.snapshot().refcount]);
      await eventLoopTurn();
      expect(tracker.snapshot().refcount).toBe(1);
      reject(error);
      const [reason, refcount] = (await seen) as [unknown, number];
      expect(reason).toBe(error);
      expect(refcount).toBe(0);
    });

    it('returns another promise than the original, so that an ignored rejection is still reported', async () => {
      const { tracker } = observeTracker();
      const original = Promise.reject(new Error('failed'));
      const given = tracker.run('api_call', () => original);
      expect(given).not.toBe(original);
      expect(given).toBeInstanceOf(Promise);
      await expect(given).rejects.toThrow('failed');
    });

    it('returns a promise for any thenable', async () => {
      const { tracker } = observeTracker();
      const thenable: PromiseLike<number> = {
        then: (onFulfilled) => Promise.resolve(7).then(onFulfilled),
      };
      const given = tracker.run('tool_exec', () => thenable);
      expect(given).toBeInstanceOf(Promise);
      expect(tracker.snapshot().refcount).toBe(1);
      expect(await given).toBe(7);
      expect(tracker.snapshot().refcount).toBe(0);
    });

    it('takes a function with a then method for a thenable', async () => {
      const { tracker } = observeTracker();
      const thenable = Object.assign(() => undefined, {
        then: (onFulfilled: (value: number) => void) => {
          onFulfilled(7);
        },
      });
      expect(await tracker.run('api_call', () => thenable as unknown)).toBe(7);
    });

    it('stops and rejects when a thenable throws from then', async () => {
      const { tracker } = observeTracker();
      const thenable: PromiseLike<number> = {
        then: () => {
          throw new Error('from then');
        },
      };
      await expect(tracker.run('api_call', () => thenable)).rejects.toThrow('from then');
      expect(tracker.snapshot().refcount).toBe(0);
    });

    it('stops when the then getter throws, and passes that on', () => {
      const { tracker } = observeTracker();
      const work = (): unknown => ({
        get then(): unknown {
          throw new Error('from the getter');
        },
      });
      expect(() => tracker.run('api_call', work)).toThrow('from the getter');
      expect(tracker.snapshot().refcount).toBe(0);
    });

    it('stops an activity once, even where work took it by its reason', () => {
      const { tracker, log } = observeTracker();
      tracker.start('api_call');
      tracker.run('api_call', () => {
        tracker.stop('api_call');
      });
      expect(tracker.snapshot().refcount).toBe(0);
      expect(log).toEqual([]);
    });

    it('calls work with the activity, which it may touch and stop', () => {
      const { tracker } = observeTracker();
      const reason = tracker.run('tool_exec', (activity) => {
        activity.touch();
        activity.stop();
        expect(tracker.snapshot().refcount).toBe(0);
        return activity.reason;
      });
      expect(reason).toBe('tool_exec');
    });

    it('counts each level of nested work', () => {
      const { tracker } = observeTracker();
      const counts = tracker.run('api_call', () => tracker.run('tool_exec', () => tracker.snapshot().active));
      expect(counts).toEqual({ api_call: 1, tool_exec: 1 });
      expect(tracker.snapshot().refcount).toBe(0);
    });
  });
});

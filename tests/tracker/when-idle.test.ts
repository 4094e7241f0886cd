import { getEventListeners } from 'node:events';
import { describe, expect, it, jest } from '@jest/globals';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { observeTracker } from '../support/observed-tracker.js';

/** What became of `promise` so far. */
async function stateOf(promise: Promise<void>): Promise<unknown> {
  let state: unknown = 'pending';
  promise.then(
    () => (state = 'resolved'),
    (reason: unknown) => (state = { rejected: reason }),
  );
  await eventLoopTurn();
  return state;
}

describe('SessionActivityTracker', () => {
  describe('whenIdle', () => {
    it('resolves at once, with nothing, when nothing runs', async () => {
      const { tracker } = observeTracker();
      await expect(tracker.whenIdle()).resolves.toBeUndefined();
      tracker.start('api_call').stop();
      expect(await stateOf(tracker.whenIdle({}))).toBe('resolved');
    });

    it('resolves only when the last activity has stopped', async () => {
      const { tracker } = observeTracker();
      const activity = tracker.start('api_call');
      tracker.start('tool_exec');
      const waiting = tracker.whenIdle();
      activity.stop();
      expect(await stateOf(waiting)).toBe('pending');
      tracker.stop('tool_exec');
      expect(await stateOf(waiting)).toBe('resolved');
    });

    it('resolves every waiter, and again those of the next busy period', async () => {
      const { tracker } = observeTracker();
      tracker.start('api_call');
      const waiting = [tracker.whenIdle(), tracker.whenIdle()];
      tracker.stop('api_call');
      await Promise.all(waiting);
      tracker.start('api_call');
      const next = tracker.whenIdle();
      expect(await stateOf(next)).toBe('pending');
      tracker.stop('api_call');
      expect(await stateOf(next)).toBe('resolved');
    });

    it('resolves though work started again before the waiter ran', async () => {
      const { tracker } = observeTracker();
      tracker.start('api_call').stop();
      const activity = tracker.start('api_call');
      const waiting = tracker.whenIdle();
      activity.stop();
      tracker.start('api_call');
      expect(await stateOf(waiting)).toBe('resolved');
    });

    it('rejects with signal.reason when aborted already, even though nothing runs', async () => {
      const { tracker } = observeTracker();
      const reason = { any: 'value' };
      expect(await stateOf(tracker.whenIdle({ signal: AbortSignal.abort(reason) }))).toEqual({ rejected: reason });
      tracker.start('api_call');
      expect(await stateOf(tracker.whenIdle({ signal: AbortSignal.abort(reason) }))).toEqual({ rejected: reason });
    });

    it('rejects with signal.reason when aborted later, and leaves other waiters waiting', async () => {
      const { tracker } = observeTracker();
      tracker.start('api_call');
      const abort = new AbortController();
      const aborted = tracker.whenIdle({ signal: abort.signal });
      const other = tracker.whenIdle({ signal: new AbortController().signal });
      const reason = new Error('enough');
      abort.abort(reason);
      expect(await stateOf(aborted)).toEqual({ rejected: reason });
      expect(await stateOf(other)).toBe('pending');
      tracker.stop('api_call');
      expect(await stateOf(other)).toBe('resolved');
    });

    it('removes its listener from the signal when it resolves', async () => {
      const { tracker } = observeTracker();
      const { signal } = new AbortController();
      tracker.start('api_call');
      const waiting = tracker.whenIdle({ signal });
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      tracker.stop('api_call');
      await waiting;
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    it('removes its listener from the signal when the tracker is disposed', async () => {
      const { tracker } = observeTracker();
      const { signal } = new AbortController();
      tracker.start('api_call');
      const waiting = tracker.whenIdle({ signal });
      tracker.dispose();
      await waiting;
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    it('removes its listener from the signal when it is aborted', async () => {
      const { tracker } = observeTracker();
      const controller = new AbortController();
      tracker.start('api_call');
      const waiting = tracker.whenIdle({ signal: controller.signal });
      controller.abort();
      await expect(waiting).rejects.toHaveProperty('name', 'AbortError');
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    });

    it('shares one listener with every other wait on the same signal', async () => {
      const trackers = [observeTracker().tracker, observeTracker().tracker];
      const { signal } = new AbortController();
      for (const tracker of trackers) tracker.start('api_call');
      const waits = [...trackers, ...trackers].map((tracker) => tracker.whenIdle({ signal }));
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      for (const tracker of trackers) tracker.stop('api_call');
      await Promise.all(waits);
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    it('adds no listener when nothing runs', async () => {
      const { tracker } = observeTracker();
      const { signal } = new AbortController();
      const add = jest.spyOn(signal, 'addEventListener');
      await tracker.whenIdle({ signal });
      expect(add).not.toHaveBeenCalled();
    });

    it('counts no waiter as work', async () => {
      const { tracker, clock } = observeTracker();
      tracker.start('api_call');
      const waiting = tracker.whenIdle();
      expect(clock.pendingTimers).toBe(0);
      expect(tracker.snapshot().refcount).toBe(1);
      tracker.dispose();
      expect(await stateOf(waiting)).toBe('resolved');
    });
  });
});

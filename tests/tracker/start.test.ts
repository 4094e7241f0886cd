import { getEventListeners } from 'node:events';
import { describe, expect, it, jest } from '@jest/globals';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { observeTracker, REPORT, UNMATCHED } from '../support/observed-tracker.js';

describe('SessionActivityTracker', () => {
  describe('start', () => {
    it('returns a handle with its reason that stops the activity once', () => {
      const { tracker, log } = observeTracker();
      const activity = tracker.start('tool_exec');
      tracker.start('tool_exec');
      expect(activity.reason).toBe('tool_exec');
      activity.stop();
      activity.stop();
      expect(tracker.snapshot().refcount).toBe(1);
      expect(log).toEqual([]);
    });

    it('returns a handle that `using` stops, unless it is stopped by then', () => {
      const { tracker } = observeTracker();
      tracker.start('api_call');
      {
        using activity = tracker.start('api_call');
        using stopped = tracker.start('api_call');
        stopped.stop();
        expect(activity.reason).toBe('api_call');
        expect(tracker.snapshot().refcount).toBe(2);
      }
      expect(tracker.snapshot().refcount).toBe(1);
    });

    it('takes the reasons of the tracker alone, by default those of SessionActivityReason', () => {
      const { tracker } = observeTracker();
      // @ts-expect-error -- it is none of the default reasons.
      tracker.start('other').stop();
      observeTracker<'other'>().tracker.start('other').stop();
      expect(tracker.snapshot().refcount).toBe(0);
    });

    it('returns handles that stop in any order, each its own activity', () => {
      const { tracker, clock } = observeTracker();
      const [first, second, third] = [0, 1, 2].map(() => {
        const activity = tracker.start('api_call');
        clock.advance(10);
        return activity;
      });
      second?.stop();
      expect(tracker.snapshot()).toMatchObject({ refcount: 2, oldestActivityMs: 30 });
      first?.stop();
      expect(tracker.snapshot()).toMatchObject({ refcount: 1, oldestActivityMs: 10 });
      third?.stop();
      expect(tracker.snapshot()).toMatchObject({ refcount: 0, oldestActivityMs: null });
    });
  });

  describe('start with a signal', () => {
    it('stops the activity when the signal is aborted, and that one alone', () => {
      const { tracker, log } = observeTracker();
      const controller = new AbortController();
      tracker.start('api_call');
      const activity = tracker.start('api_call', { signal: controller.signal });
      tracker.start('tool_exec', { signal: undefined });
      controller.abort();
      expect(tracker.snapshot().active).toEqual({ api_call: 1, tool_exec: 1 });
      activity.stop();
      expect(tracker.snapshot().refcount).toBe(2);
      expect(log).toEqual([]);
    });

    it('gives a stopped handle for a signal that is aborted already; nothing is counted, logged or registered', () => {
      const { tracker, clock, cleanup, send, log } = observeTracker({ trace: true });
      tracker.registerCallback(send);
      log.length = 0;
      const signal = AbortSignal.abort();
      const add = jest.spyOn(signal, 'addEventListener');
      const activity = tracker.start('api_call', { signal });
      expect(activity.reason).toBe('api_call');
      activity.touch();
      activity.stop();
      expect(tracker.snapshot()).toMatchObject({ refcount: 0, active: {}, state: 'idle' });
      expect({ log, timers: clock.pendingTimers, cleanups: cleanup.size }).toEqual({ log: [], timers: 0, cleanups: 0 });
      expect(add).not.toHaveBeenCalled();
    });

    it('adds one listener for twenty trackers that share a signal, and Node does not warn', async () => {
      const trackers = Array.from({ length: 20 }, () => observeTracker().tracker);
      const controller = new AbortController();
      const { signal } = controller;
      const warn = jest.fn();
      process.on('warning', warn);
      for (const tracker of trackers) {
        tracker.start('api_call', { signal });
        tracker.start('tool_exec', { signal });
      }
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      controller.abort();
      await eventLoopTurn();
      process.off('warning', warn);
      expect(trackers.map((tracker) => tracker.snapshot().refcount)).toEqual(trackers.map(() => 0));
      expect(getEventListeners(signal, 'abort')).toEqual([]);
      expect(warn).not.toHaveBeenCalled();
    });

    it('still stops the others that share a signal when one of them has stopped by itself', () => {
      const { tracker } = observeTracker();
      const controller = new AbortController();
      const { signal } = controller;
      const [first] = [0, 1, 2].map(() => tracker.start('api_call', { signal }));
      first?.stop();
      controller.abort();
      expect(tracker.snapshot().refcount).toBe(0);
    });

    it.each<[string, (tracker: ReturnType<typeof observeTracker>['tracker']) => void]>([
      [
        'the last of its activities stops',
        (tracker) => {
          tracker.stop('api_call');
          tracker.stop('api_call');
        },
      ],
      ['the tracker is disposed', (tracker) => tracker.dispose()],
    ])('leaves no listener once %s', (_, end) => {
      const { tracker } = observeTracker();
      const { signal } = new AbortController();
      tracker.start('api_call', { signal }).stop();
      expect(getEventListeners(signal, 'abort')).toEqual([]);
      tracker.start('api_call', { signal });
      tracker.start('api_call', { signal });
      end(tracker);
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    it('does nothing when the signal is aborted after stop(reason) took the activity', () => {
      const { tracker, log } = observeTracker();
      const controller = new AbortController();
      const activity = tracker.start('api_call', { signal: controller.signal });
      tracker.start('api_call');
      tracker.stop('api_call');
      controller.abort();
      expect(tracker.snapshot().refcount).toBe(1);
      activity.stop();
      expect(tracker.snapshot().refcount).toBe(0);
      expect(log).toEqual([]);
    });

    it('does nothing when an observer aborts the signal of an activity that stop(reason) is taking', () => {
      const { tracker, named } = observeTracker();
      const controller = new AbortController();
      tracker.start('api_call', { signal: controller.signal });
      tracker.observe(() => {
        controller.abort();
      });
      tracker.stop('api_call');
      expect(named(UNMATCHED)).toEqual([]);
    });

    it('stops nothing twice when an observer starts work with the signal that was just aborted', () => {
      const { tracker } = observeTracker();
      const controller = new AbortController();
      const { signal } = controller;
      tracker.start('api_call', { signal });
      tracker.observe((state) => state === 'idle' && tracker.start('tool_exec', { signal }));
      controller.abort();
      expect(tracker.snapshot().refcount).toBe(0);
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    it('stops the activities of a tracker that shares its signal with one that its observer disposes', () => {
      const [first, second, third] = [observeTracker(), observeTracker(), observeTracker()];
      const controller = new AbortController();
      for (const { tracker } of [first, second, third]) tracker.start('api_call', { signal: controller.signal });
      first.tracker.observe((state) => state === 'idle' && second.tracker.dispose());
      controller.abort();
      expect(third.tracker.snapshot().refcount).toBe(0);
      expect(second.named(REPORT)).toHaveLength(1);
    });

    it('stops an activity whose signal is aborted while it is listened to', () => {
      const { tracker } = observeTracker();
      const signal = {
        aborted: false,
        addEventListener: (_: string, listener: () => void) => listener(),
        removeEventListener: jest.fn(),
      };
      tracker.start('api_call', { signal: signal as unknown as AbortSignal });
      expect(tracker.snapshot().refcount).toBe(0);
    });

    it('stops an activity even if a wait on the same signal fails', () => {
      const [waiting, working] = [observeTracker().tracker, observeTracker().tracker];
      const controller = new AbortController();
      const { signal } = controller;
      waiting.start('api_call');
      void waiting.whenIdle({ signal });
      working.start('api_call', { signal });
      Object.defineProperty(signal, 'reason', {
        get: () => {
          throw new Error('broken');
        },
      });
      controller.abort();
      expect(working.snapshot().refcount).toBe(0);
    });

    it('listens to a signal again after listening to it has thrown', () => {
      const { tracker } = observeTracker();
      const controller = new AbortController();
      const { signal } = controller;
      jest.spyOn(signal, 'addEventListener').mockImplementationOnce(() => {
        throw new Error('broken');
      });
      tracker.start('api_call', { signal });
      tracker.start('tool_exec', { signal });
      controller.abort();
      expect(tracker.snapshot().active).toEqual({ api_call: 1 });
    });

    it('counts an activity even if listening to its signal throws', () => {
      const { tracker } = observeTracker();
      const { signal } = new AbortController();
      const fail = (): never => {
        throw new Error('broken');
      };
      jest.spyOn(signal, 'addEventListener').mockImplementation(fail);
      jest.spyOn(signal, 'removeEventListener').mockImplementation(fail);
      const activity = tracker.start('api_call', { signal });
      expect(tracker.snapshot().refcount).toBe(1);
      activity.stop();
      tracker.start('api_call', { signal });
      tracker.dispose();
      expect(tracker.snapshot().refcount).toBe(0);
    });
  });

  describe('stop', () => {
    it('stops the oldest running activity with that reason', () => {
      const { tracker, clock } = observeTracker();
      tracker.start('tool_exec');
      clock.advance(10);
      tracker.start('api_call');
      clock.advance(10);
      tracker.start('tool_exec');
      tracker.stop('tool_exec');
      expect(tracker.snapshot()).toMatchObject({ active: { api_call: 1, tool_exec: 1 }, oldestActivityMs: 10 });
    });
  });
});

import { describe, expect, it, jest } from '@jest/globals';
import type { SessionState, StateObserver } from '../../src/index.js';
import { createTestTracker } from '../../src/testing/index.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';

describe('SessionActivityTracker', () => {
  describe('state', () => {
    it('is idle at first, busy while something runs, quiet until the idle event and idle from then on', () => {
      const { tracker, clock } = createTestTracker();
      const states: SessionState[] = [];
      tracker.observe((state) => states.push(state));
      tracker.registerCallback(() => undefined);
      expect(tracker.snapshot().state).toBe('idle');
      const first = tracker.start('api_call');
      const second = tracker.start('tool_exec');
      expect(tracker.snapshot().state).toBe('busy');
      first.stop();
      second.stop();
      tracker.stop('api_call');
      expect(tracker.snapshot().state).toBe('quiet');
      clock.advance(30_000);
      expect(tracker.snapshot().state).toBe('idle');
      tracker.dispose();
      expect(tracker.snapshot().state).toBe('disposed');
      expect(states).toEqual(['busy', 'quiet', 'idle', 'disposed']);
    });

    it('is idle after the last stop if there is no sender, for no idle event is pending', () => {
      const { tracker } = createTestTracker();
      const states: SessionState[] = [];
      tracker.observe((state) => states.push(state));
      tracker.start('api_call').stop();
      expect(states).toEqual(['busy', 'idle']);
    });

    it('goes from quiet to idle when the sender is removed, and not when it is replaced', () => {
      const { tracker } = createTestTracker();
      const states: SessionState[] = [];
      tracker.registerCallback(() => undefined);
      tracker.start('api_call').stop();
      tracker.observe((state) => states.push(state));
      tracker.registerCallback(() => undefined);
      expect(states).toEqual([]);
      tracker.unregisterCallback();
      expect(states).toEqual(['idle']);
    });

    it('does not change when a busy session gets, replaces or loses its sender', () => {
      const { tracker } = createTestTracker();
      const observer = jest.fn();
      tracker.start('api_call');
      tracker.observe(observer);
      tracker.registerCallback(() => undefined);
      tracker.registerCallback(() => undefined);
      tracker.unregisterCallback();
      expect(observer).not.toHaveBeenCalled();
    });

    it('is disposed once and for all', () => {
      const { tracker } = createTestTracker();
      const states: SessionState[] = [];
      tracker.observe((state) => states.push(state));
      tracker.dispose();
      tracker.dispose();
      tracker.registerCallback(() => undefined);
      tracker.start('api_call').stop();
      expect(states).toEqual(['disposed']);
    });
  });

  describe('observe', () => {
    it('calls any number of observers in the order in which they subscribed, one function twice if it did so twice', () => {
      const { tracker } = createTestTracker();
      const calls: string[] = [];
      const twice: StateObserver = (state) => calls.push(`twice ${state}`);
      tracker.observe(twice);
      tracker.observe((state) => calls.push(`once ${state}`));
      tracker.observe(twice);
      tracker.start('api_call');
      expect(calls).toEqual(['twice busy', 'once busy', 'twice busy']);
    });

    it('calls them once the state is up to date', () => {
      const { tracker } = createTestTracker();
      const seen: unknown[] = [];
      tracker.observe((state) => {
        const snapshot = tracker.snapshot();
        seen.push([state, snapshot.state, snapshot.refcount]);
      });
      tracker.start('api_call').stop();
      tracker.dispose();
      expect(seen).toEqual([
        ['busy', 'busy', 1],
        ['idle', 'idle', 0],
        ['disposed', 'disposed', 0],
      ]);
    });

    it('shows all of them one change before the next, though an observer makes it', () => {
      const { tracker } = createTestTracker();
      const calls: string[] = [];
      tracker.observe((state) => {
        calls.push(`first ${state}`);
        if (state === 'busy') tracker.stop('api_call');
        else if (state === 'idle') tracker.dispose();
      });
      tracker.observe((state) => calls.push(`second ${state}`));
      tracker.start('api_call');
      expect(calls).toEqual([
        'first busy',
        'second busy',
        'first idle',
        'second idle',
        'first disposed',
        'second disposed',
      ]);
    });

    it('ignores what an observer throws or rejects with', async () => {
      const { tracker } = createTestTracker();
      const last = jest.fn();
      tracker.observe(() => {
        throw new Error('thrown');
      });
      tracker.observe(() => Promise.reject(new Error('rejected')));
      tracker.observe(last);
      tracker.start('api_call');
      await eventLoopTurn();
      expect(last).toHaveBeenCalledTimes(1);
    });

    it('returns the function that unsubscribes, which ends that subscription alone', () => {
      const { tracker } = createTestTracker();
      const observer = jest.fn();
      const unsubscribe = tracker.observe(observer);
      unsubscribe();
      tracker.observe(observer);
      unsubscribe();
      tracker.start('api_call');
      expect(observer).toHaveBeenCalledTimes(1);
    });

    it('does not call an observer that an earlier one has just unsubscribed', () => {
      const { tracker } = createTestTracker();
      const unsubscribed = jest.fn();
      tracker.observe(() => {
        unsubscribe();
      });
      const unsubscribe = tracker.observe(unsubscribed);
      tracker.start('api_call');
      expect(unsubscribed).not.toHaveBeenCalled();
    });

    it('does not notify an observer of a change from before it subscribed', () => {
      const { tracker } = createTestTracker();
      const late = jest.fn();
      const unsubscribe = tracker.observe(() => {
        unsubscribe();
        tracker.observe(late);
      });
      tracker.start('api_call');
      expect(late).not.toHaveBeenCalled();
      tracker.stop('api_call');
      expect(late.mock.calls).toEqual([['idle']]);
    });

    it('takes only a function', () => {
      const loose: { observe(observer: unknown): unknown } = createTestTracker().tracker;
      expect(() => loose.observe(7)).toThrow(new TypeError('Expected `observer` to be a function, got `7` (number)'));
    });
  });
});

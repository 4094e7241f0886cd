import { describe, expect, it, jest } from '@jest/globals';
import { SessionActivityHub } from '../../src/hub/index.js';
import type { BusyObserver } from '../../src/index.js';
import { createTestTracker } from '../../src/testing/index.js';

/** A session of a hub, with what the hub is told and what it asks. */
function createWatchedSession() {
  const { tracker, clock } = createTestTracker();
  const told: boolean[] = [];
  const snapshot = jest.fn(() => tracker.snapshot());
  const observe = (observer: BusyObserver): (() => void) =>
    tracker.observe((busy) => {
      told.push(busy);
      observer(busy);
    });
  const hub = new SessionActivityHub();
  hub.add('one', { observe, snapshot });
  snapshot.mockClear();
  return { hub, tracker, clock, told, snapshot };
}

describe('SessionActivityHub', () => {
  describe('cost', () => {
    it('is one call per change between idle and busy, and nothing for any other start, stop or beat', () => {
      const { tracker, clock, told, snapshot } = createWatchedSession();
      tracker.registerCallback(() => undefined);
      const first = tracker.start('api_call');
      expect(told.splice(0)).toEqual([true]);
      for (let i = 0; i < 100; i++) tracker.start('tool_exec').stop();
      clock.advance(90_000);
      tracker.unregisterCallback();
      expect(told).toEqual([]);
      first.stop();
      expect(told).toEqual([false]);
      expect(snapshot).not.toHaveBeenCalled();
    });

    it('of busyCount, size and whenIdle is no snapshot', async () => {
      const { hub, snapshot } = createWatchedSession();
      await hub.whenIdle();
      expect([hub.busyCount, hub.size]).toEqual([0, 1]);
      expect(snapshot).not.toHaveBeenCalled();
    });

    it('is no timer, neither idle nor busy', () => {
      const { hub, tracker, clock } = createWatchedSession();
      tracker.start('api_call');
      void hub.whenIdle();
      expect(clock.pendingTimers).toBe(0);
    });
  });
});

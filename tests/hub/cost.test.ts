import { describe, expect, it, jest } from '@jest/globals';
import { SessionActivityHub } from '../../src/hub/index.js';
import type { SessionState, StateObserver } from '../../src/index.js';
import { createTestTracker } from '../../src/testing/index.js';

/** A session of a hub, with every call between the two. */
function createWatchedSession() {
  const { tracker, clock } = createTestTracker();
  const states: SessionState[] = [];
  const snapshot = jest.fn(() => tracker.snapshot());
  const observe = (observer: StateObserver): (() => void) =>
    tracker.observe((state) => {
      states.push(state);
      observer(state);
    });
  const hub = new SessionActivityHub();
  hub.add('one', { observe, snapshot });
  snapshot.mockClear();
  return { hub, tracker, clock, states, snapshot };
}

describe('SessionActivityHub', () => {
  describe('cost', () => {
    it('is one call per change of state, and nothing for any other start, stop or heartbeat', () => {
      const { tracker, clock, states, snapshot } = createWatchedSession();
      tracker.registerCallback(() => undefined);
      const first = tracker.start('api_call');
      expect(states.splice(0)).toEqual(['busy']);
      for (let i = 0; i < 100; i++) tracker.start('tool_exec').stop();
      clock.advance(90_000);
      expect(states).toEqual([]);
      first.stop();
      clock.advance(90_000);
      expect(states).toEqual(['quiet', 'idle']);
      expect(snapshot).not.toHaveBeenCalled();
    });

    it('is no snapshot for busyCount, size and whenIdle', async () => {
      const { hub, snapshot } = createWatchedSession();
      await hub.whenIdle();
      expect([hub.busyCount, hub.size]).toEqual([0, 1]);
      expect(snapshot).not.toHaveBeenCalled();
    });

    it('is no timer, whether a session is busy or idle', () => {
      const { hub, tracker, clock } = createWatchedSession();
      expect(clock.pendingTimers).toBe(0);
      tracker.start('api_call');
      void hub.whenIdle();
      expect(clock.pendingTimers).toBe(0);
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import { HEARTBEAT, observeTracker, UNMATCHED } from '../support/observed-tracker.js';

describe('SessionActivityTracker', () => {
  describe('counting', () => {
    it('has a refcount that is the sum of the counts by reason', () => {
      const { tracker } = observeTracker();
      tracker.start('api_call');
      const second = tracker.start('api_call');
      tracker.start('tool_exec');
      expect(tracker.snapshot()).toMatchObject({ refcount: 3, active: { api_call: 2, tool_exec: 1 } });
      second.stop();
      expect(tracker.snapshot()).toMatchObject({ refcount: 2, active: { api_call: 1, tool_exec: 1 } });
    });

    it('never goes below 0', () => {
      const { tracker } = observeTracker();
      const activity = tracker.start('api_call');
      activity.stop();
      activity.stop();
      tracker.stop('api_call');
      tracker.stop('tool_exec');
      expect(tracker.snapshot().refcount).toBe(0);
      tracker.start('api_call');
      expect(tracker.snapshot()).toMatchObject({ refcount: 1, active: { api_call: 1 } });
    });

    it('has no entry for a reason whose count is 0', () => {
      const { tracker } = observeTracker();
      tracker.start('api_call');
      tracker.start('tool_exec');
      tracker.stop('api_call');
      expect(tracker.snapshot().active).toEqual({ tool_exec: 1 });
      tracker.stop('tool_exec');
      expect(tracker.snapshot().active).toEqual({});
    });

    it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', ' ', 'x'.repeat(999)])(
      'counts the reason %p like any other',
      (reason) => {
        const { tracker, named } = observeTracker<string>();
        tracker.stop(reason);
        expect(named(UNMATCHED)).toEqual([[0, 'warn', UNMATCHED, { reason }]]);
        tracker.start(reason);
        tracker.start(reason);
        expect(Object.entries(tracker.snapshot().active)).toEqual([[reason, 2]]);
        tracker.stop(reason);
        tracker.stop(reason);
        expect(Object.keys(tracker.snapshot().active)).toEqual([]);
      },
    );

    it('begins a busy period with the first activity, whichever ends it', () => {
      const { tracker, clock } = observeTracker();
      clock.advance(500);
      const first = tracker.start('api_call');
      clock.advance(10);
      tracker.start('tool_exec');
      clock.advance(5);
      first.stop();
      expect(tracker.snapshot()).toMatchObject({ busyMs: 15, oldestActivityMs: 5 });
      tracker.stop('tool_exec');
      clock.advance(5);
      tracker.start('tool_exec');
      clock.advance(1);
      expect(tracker.snapshot()).toMatchObject({ busyMs: 1, oldestActivityMs: 1 });
    });

    it('clears the idle timer and starts the heartbeat at the first activity', () => {
      const { tracker, clock, send, log } = observeTracker({ intervalMs: 1000, idleAfterMs: 700 });
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      clock.advance(699);
      tracker.start('api_call');
      clock.advance(1000);
      expect(log).toEqual([[1699, 'debug', HEARTBEAT, { refcount: 1 }]]);
    });

    it('starts no heartbeat without a sender', () => {
      const { tracker, clock, log } = observeTracker();
      tracker.start('api_call');
      expect(clock.pendingTimers).toBe(0);
      clock.advance(90_000);
      expect(log).toEqual([]);
    });

    it('does not change the schedule at a second activity', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(600);
      tracker.start('api_call');
      clock.advance(1400);
      expect(timesOf(HEARTBEAT)).toEqual([1000, 2000]);
    });

    it('stops the heartbeat and starts the idle timer at the last stop', () => {
      const { tracker, clock, send, log } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      const activity = tracker.start('api_call');
      clock.advance(400);
      activity.stop();
      clock.advance(5000);
      expect(log).toEqual([[1400, 'info', 'session_idle_1s']]);
    });

    it('does neither while another activity runs', () => {
      const { tracker, clock, send, log } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      tracker.start('tool_exec').stop();
      clock.advance(1000);
      expect(log).toEqual([[1000, 'debug', HEARTBEAT, { refcount: 1 }]]);
    });

    it('logs an unmatched stop, which changes nothing', () => {
      const { tracker, clock, send, log } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      const before = tracker.snapshot();
      tracker.stop('tool_exec');
      expect(tracker.snapshot()).toEqual(before);
      clock.advance(1000);
      expect(log).toEqual([
        [0, 'warn', UNMATCHED, { reason: 'tool_exec' }],
        [1000, 'debug', HEARTBEAT, { refcount: 1 }],
      ]);
    });

    it('arms and registers nothing at an unmatched stop', () => {
      const { tracker, clock, send, cleanup, log } = observeTracker();
      tracker.registerCallback(send);
      tracker.stop('api_call');
      expect(log).toEqual([[0, 'warn', UNMATCHED, { reason: 'api_call' }]]);
      expect(clock.pendingTimers).toBe(0);
      expect(cleanup.size).toBe(0);
    });

    it('stops the oldest other activity of its reason with a handle whose own was taken', () => {
      const { tracker, clock, log } = observeTracker();
      const first = tracker.start('api_call');
      clock.advance(10);
      tracker.start('api_call');
      clock.advance(10);
      tracker.start('api_call');
      tracker.stop('api_call');
      expect(tracker.snapshot()).toMatchObject({ refcount: 2, oldestActivityMs: 10 });
      first.stop();
      expect(tracker.snapshot()).toMatchObject({ refcount: 1, oldestActivityMs: 0 });
      first.stop();
      expect(tracker.snapshot().refcount).toBe(1);
      expect(log).toEqual([]);
    });

    it('logs an unmatched stop for such a handle when none of its reason is left', () => {
      const { tracker, log } = observeTracker();
      const activity = tracker.start('api_call');
      tracker.start('tool_exec');
      tracker.stop('api_call');
      activity.stop();
      activity.stop();
      expect(tracker.snapshot()).toMatchObject({ refcount: 1, active: { tool_exec: 1 } });
      expect(log).toEqual([[0, 'warn', UNMATCHED, { reason: 'api_call' }]]);
    });

    it('registers the shutdown report at the first start, once', () => {
      const { tracker, cleanup, send } = observeTracker();
      tracker.registerCallback(send);
      tracker.sendSignal();
      tracker.snapshot();
      expect(cleanup.size).toBe(0);
      tracker.start('api_call').stop();
      expect(cleanup.size).toBe(1);
      tracker.start('api_call');
      tracker.start('tool_exec');
      expect(cleanup.size).toBe(1);
      cleanup.runAll();
      tracker.start('api_call');
      expect(cleanup.size).toBe(0);
    });

    it('shares nothing with another tracker', () => {
      const one = observeTracker();
      const other = observeTracker();
      one.tracker.start('api_call');
      expect([one.cleanup.size, other.cleanup.size]).toEqual([1, 0]);
      expect(other.tracker.snapshot().refcount).toBe(0);
    });

    it('counts on with more reasons than are remembered', () => {
      const { tracker, named } = observeTracker<string>();
      const reasons = Array.from({ length: 100 }, (_, nth) => `reason ${nth}`);
      const handles = reasons.map((reason) => tracker.start(reason));
      reasons.forEach((reason) => tracker.stop(reason));
      expect(tracker.snapshot()).toMatchObject({ refcount: 0, active: {} });
      reasons.forEach((reason) => tracker.start(reason));
      handles.forEach((handle) => handle.stop()); // Each takes the other one of its reason.
      expect(tracker.snapshot()).toMatchObject({ refcount: 0, active: {} });
      expect(named(UNMATCHED)).toEqual([]);
    });
  });
});

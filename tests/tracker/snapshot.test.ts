import { describe, expect, it } from '@jest/globals';
import { NOT_SENT } from '../../src/index.js';
import { defer } from '../support/deferred.js';
import { observeTracker } from '../support/observed-tracker.js';

describe('SessionActivityTracker', () => {
  describe('snapshot', () => {
    it('has exactly these fields when nothing ever ran', () => {
      const { tracker } = observeTracker();
      expect(tracker.snapshot()).toStrictEqual({
        state: 'idle',
        tracking: false,
        refcount: 0,
        active: {},
        busyMs: null,
        idleMs: 0,
        oldestActivityMs: null,
        nextHeartbeatMs: null,
        overdue: 0,
        lateHeartbeats: 0,
        keepalives: { sent: 0, failed: 0, skipped: 0, withheld: 0, unsent: 0 },
      });
    });

    it('has every field filled while work runs', () => {
      const { tracker, clock, gate } = observeTracker({ intervalMs: 100, maxActivityMs: 450, sendTimeoutMs: 60 });
      const answers: unknown[] = [NOT_SENT, undefined, defer().promise];
      tracker.registerCallback(() => answers.shift());
      tracker.sendSignal(); // unsent
      const first = tracker.start('api_call');
      clock.advance(1);
      tracker.start('tool_exec');
      tracker.start('tool_exec');
      clock.advance(2);
      first.stop();
      clock.advance(97); // 100: sent
      clock.advance(100); // 200: pending
      tracker.sendSignal(); // skipped
      clock.advance(99); // 299: timed out at 260
      gate.close();
      clock.advance(1); // 300: withheld
      clock.stall(152);
      tracker.start('api_call');
      clock.advance(3); // At 452 a beat that is 52 late, all but the newest overdue, withheld by the gate
      expect(tracker.snapshot()).toStrictEqual({
        state: 'busy',
        tracking: true,
        refcount: 3,
        active: { tool_exec: 2, api_call: 1 },
        busyMs: 455,
        idleMs: null,
        oldestActivityMs: 454,
        nextHeartbeatMs: 97,
        overdue: 2,
        lateHeartbeats: 1,
        keepalives: { sent: 1, failed: 1, skipped: 1, withheld: 2, unsent: 1 },
      });
    });

    it('is a plain object, frozen at every depth', () => {
      const { tracker } = observeTracker();
      tracker.start('api_call');
      const snapshot = tracker.snapshot();
      for (const object of [snapshot, snapshot.active, snapshot.keepalives]) {
        expect(Object.isFrozen(object)).toBe(true);
        expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
      }
      expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    });

    it('does not change afterwards', () => {
      const { tracker, clock } = observeTracker();
      tracker.start('api_call');
      const snapshot = tracker.snapshot();
      tracker.start('api_call');
      clock.advance(10);
      expect(snapshot).toMatchObject({ refcount: 1, active: { api_call: 1 }, busyMs: 0 });
    });

    it('has the same `active` as the snapshot before until that changes', () => {
      const { tracker } = observeTracker();
      tracker.start('api_call');
      const { active } = tracker.snapshot();
      expect(tracker.snapshot().active).toBe(active);
      tracker.start('tool_exec');
      expect(tracker.snapshot().active).not.toBe(active);
    });

    it('gives in oldestActivityMs the age of the oldest activity, whatever its reason', () => {
      const { tracker, clock } = observeTracker();
      const first = tracker.start('api_call');
      clock.advance(10);
      tracker.start('tool_exec');
      clock.advance(20);
      expect(tracker.snapshot().oldestActivityMs).toBe(30);
      first.stop();
      tracker.start('api_call');
      expect(tracker.snapshot().oldestActivityMs).toBe(20);
    });

    it('gives times in whole milliseconds, rounded down', () => {
      const { tracker, clock, send } = observeTracker({ intervalMs: 100 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(10.75);
      tracker.start('api_call');
      expect(tracker.snapshot()).toMatchObject({ busyMs: 10, oldestActivityMs: 10, nextHeartbeatMs: 89 });
    });

    it('gives null for nextHeartbeatMs without a sender and without work', () => {
      const { tracker, send } = observeTracker({ intervalMs: 1000 });
      const activity = tracker.start('api_call');
      expect(tracker.snapshot().nextHeartbeatMs).toBeNull();
      tracker.registerCallback(send);
      expect(tracker.snapshot().nextHeartbeatMs).toBe(1000);
      activity.stop();
      expect(tracker.snapshot().nextHeartbeatMs).toBeNull();
    });

    it('gives 0 for nextHeartbeatMs when the beat is late', () => {
      const { tracker, clock, send } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.stall(1500);
      expect(tracker.snapshot().nextHeartbeatMs).toBe(0);
    });

    it('counts what is overdue now, not what was at the last beat', () => {
      const { tracker, clock } = observeTracker({ maxActivityMs: 50 });
      tracker.start('api_call');
      clock.advance(50);
      expect(tracker.snapshot().overdue).toBe(0);
      clock.advance(1);
      expect(tracker.snapshot().overdue).toBe(1);
    });

    it('gives in idleMs the time since the last stop, or since the tracker was created', () => {
      const { tracker, clock } = observeTracker();
      clock.advance(1234.5);
      expect(tracker.snapshot().idleMs).toBe(1234);
      const first = tracker.start('api_call');
      tracker.start('tool_exec');
      first.stop();
      clock.advance(50);
      expect(tracker.snapshot().idleMs).toBeNull();
      tracker.stop('tool_exec');
      expect(tracker.snapshot().idleMs).toBe(0);
      clock.advance(60_000);
      expect(tracker.snapshot().idleMs).toBe(60_000);
    });

    it('gives idleMs while quiet and while idle, without a break at the idle event', () => {
      const { tracker, clock, send } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      clock.advance(999);
      expect(tracker.snapshot()).toMatchObject({ state: 'quiet', idleMs: 999 });
      clock.advance(1);
      expect(tracker.snapshot()).toMatchObject({ state: 'idle', idleMs: 1000 });
    });

    it('has no ages after dispose, and keeps the totals', () => {
      const { tracker, clock, send } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.stall(1500);
      clock.advance(500);
      tracker.dispose();
      expect(tracker.snapshot()).toStrictEqual({
        state: 'disposed',
        tracking: false,
        refcount: 0,
        active: {},
        busyMs: null,
        idleMs: null,
        oldestActivityMs: null,
        nextHeartbeatMs: null,
        overdue: 0,
        lateHeartbeats: 1,
        keepalives: { sent: 1, failed: 0, skipped: 0, withheld: 0, unsent: 0 },
      });
    });
  });
});

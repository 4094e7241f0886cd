import { describe, expect, it, jest } from '@jest/globals';
import { HEARTBEAT, observeTracker, OVERDUE } from '../support/observed-tracker.js';

describe('SessionActivityTracker', () => {
  describe('maxActivityMs', () => {
    it('sending 6: an activity is overdue only when older: exactly that age is not', () => {
      const { tracker, clock, send, log, sends } = observeTracker({ intervalMs: 1000, maxActivityMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(1000);
      expect(sends).toHaveLength(1);
      clock.advance(1000);
      expect(sends).toHaveLength(1);
      expect(log).toEqual([
        [1000, 'debug', HEARTBEAT, { refcount: 1 }],
        [2000, 'debug', HEARTBEAT, { refcount: 1 }],
        [2000, 'warn', OVERDUE, { reason: 'api_call', held_ms: 2000 }],
      ]);
    });

    it('sending 6: each is logged once, in the order in which they were started', () => {
      const { tracker, clock, send, named } = observeTracker({ intervalMs: 1000, maxActivityMs: 500 });
      tracker.registerCallback(send);
      tracker.start('tool_exec');
      clock.advance(100);
      tracker.start('api_call');
      tracker.start('tool_exec');
      clock.advance(100);
      tracker.start('api_call');
      clock.advance(301); // 501
      tracker.start('tool_exec');
      clock.advance(3000);
      expect(named(OVERDUE).map(([atMs, , , data]) => [atMs, data])).toEqual([
        [1000, { reason: 'tool_exec', held_ms: 1000 }],
        [1000, { reason: 'api_call', held_ms: 900 }],
        [1000, { reason: 'tool_exec', held_ms: 900 }],
        [1000, { reason: 'api_call', held_ms: 800 }],
        [2000, { reason: 'tool_exec', held_ms: 1499 }],
      ]);
    });

    it('sending 6: one that reaches its limit exactly on a beat is logged on the next, once', () => {
      const { tracker, clock, send, named } = observeTracker({ intervalMs: 1000, maxActivityMs: 500 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(500);
      tracker.start('tool_exec');
      clock.advance(3000);
      expect(named(OVERDUE).map(([atMs, , , data]) => [atMs, data])).toEqual([
        [1000, { reason: 'api_call', held_ms: 1000 }],
        [2000, { reason: 'tool_exec', held_ms: 1500 }],
      ]);
    });

    it('sending 6: one whose sender came and went is not logged again', () => {
      const { tracker, clock, send, named } = observeTracker({ intervalMs: 1000, maxActivityMs: 500 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(1000);
      tracker.unregisterCallback();
      tracker.registerCallback(send);
      clock.advance(2000);
      expect(named(OVERDUE)).toHaveLength(1);
    });

    it('sending 6: beats are not sent while every running activity is overdue, and counted as withheld', () => {
      const { tracker, clock, gate, send, sends, timesOf } = observeTracker({ intervalMs: 1000, maxActivityMs: 500 });
      const isOpen = jest.spyOn(gate, 'isOpen');
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(1000);
      expect(isOpen).not.toHaveBeenCalled();
      clock.advance(600);
      const young = tracker.start('tool_exec');
      clock.advance(400); // 2000: one is young enough
      young.stop();
      clock.advance(1000);
      expect(timesOf(HEARTBEAT)).toEqual([1000, 2000, 3000]);
      expect(sends.map(({ atMs }) => atMs)).toEqual([2000]);
      expect(tracker.snapshot().keepalives).toEqual({ sent: 1, failed: 0, skipped: 0, withheld: 2 });
    });

    it('sending 6: sendSignal, being explicit, still sends', () => {
      const { tracker, clock, send, sends } = observeTracker({ intervalMs: 1000, maxActivityMs: 500 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(1000);
      tracker.sendSignal();
      expect(sends.map(({ keepalive }) => keepalive.trigger)).toEqual(['signal']);
    });

    it('sending 6: an overdue activity stays counted and reported', () => {
      const { tracker, clock, send } = observeTracker({ intervalMs: 1000, maxActivityMs: 500 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(1000);
      expect(tracker.snapshot()).toMatchObject({
        refcount: 1,
        active: { api_call: 1 },
        overdue: 1,
        oldestActivityMs: 1000,
        nextHeartbeatMs: 1000,
      });
      tracker.stop('api_call');
      expect(tracker.snapshot()).toMatchObject({ refcount: 0, overdue: 0 });
    });

    it('sending 6: is looked at on beats only and costs no timer', () => {
      const { tracker, clock, send, log } = observeTracker({ intervalMs: 1000, maxActivityMs: 500 });
      tracker.start('api_call');
      expect(clock.pendingTimers).toBe(0);
      clock.advance(700);
      tracker.registerCallback(send);
      expect(clock.pendingTimers).toBe(1);
      tracker.sendSignal();
      clock.advance(999);
      expect(log).toEqual([]);
      clock.advance(1);
      expect(log.map(([, , event]) => event)).toEqual([HEARTBEAT, OVERDUE]);
    });

    it('sending 6: held_ms is in whole milliseconds', () => {
      const { tracker, clock, send, named } = observeTracker({ intervalMs: 1000, maxActivityMs: 500 });
      tracker.start('api_call');
      clock.advance(0.75);
      tracker.registerCallback(send);
      clock.advance(1000);
      expect(named(OVERDUE)).toEqual([[1000.75, 'warn', OVERDUE, { reason: 'api_call', held_ms: 1000 }]]);
    });

    it('sending 6: without maxActivityMs nothing is ever overdue', () => {
      const { tracker, clock, send, sends, named } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(100_000);
      expect(named(OVERDUE)).toEqual([]);
      expect(sends).toHaveLength(100);
      expect(tracker.snapshot().overdue).toBe(0);
    });
  });
});

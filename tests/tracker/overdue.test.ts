import { describe, expect, it, jest } from '@jest/globals';
import { HEARTBEAT, NOT_SENT_EVENT, observeTracker, OVERDUE } from '../support/observed-tracker.js';

describe('SessionActivityTracker', () => {
  describe('maxActivityMs', () => {
    it('makes an activity overdue once it is older, and not at exactly that age', () => {
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
        [2000, 'info', NOT_SENT_EVENT, { cause: 'overdue' }],
      ]);
    });

    it('logs each activity once, in the order in which they were started', () => {
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

    it('logs an activity that reaches its limit exactly on a beat at the next one, once', () => {
      const { tracker, clock, send, named } = observeTracker({ intervalMs: 1000, maxActivityMs: 500 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(500);
      tracker.start('tool_exec'); // Exactly at its limit at 1000.
      clock.advance(3000);
      expect(named(OVERDUE).map(([atMs, , , data]) => [atMs, data])).toEqual([
        [1000, { reason: 'api_call', held_ms: 1000 }],
        [2000, { reason: 'tool_exec', held_ms: 1500 }],
      ]);
    });

    it('does not log an activity again after its sender came and went', () => {
      const { tracker, clock, send, named } = observeTracker({ intervalMs: 1000, maxActivityMs: 500 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(1000);
      tracker.unregisterCallback();
      tracker.registerCallback(send);
      clock.advance(2000);
      expect(named(OVERDUE)).toHaveLength(1);
    });

    it('withholds the beats while every running activity is overdue, without asking the gate', () => {
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
      expect(tracker.snapshot().keepalives).toEqual({ sent: 1, failed: 0, skipped: 0, withheld: 2, unsent: 0 });
    });

    it('does not withhold what sendSignal sends', () => {
      const { tracker, clock, send, sends } = observeTracker({ intervalMs: 1000, maxActivityMs: 500 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(1000);
      tracker.sendSignal();
      expect(sends.map(({ keepalive }) => keepalive.trigger)).toEqual(['signal']);
    });

    it('leaves an overdue activity counted and reported', () => {
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

    it('is checked on beats only and costs no timer', () => {
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
      expect(log.map(([, , event]) => event)).toEqual([HEARTBEAT, OVERDUE, NOT_SENT_EVENT]);
    });

    it('is logged in whole milliseconds', () => {
      const { tracker, clock, send, named } = observeTracker({ intervalMs: 1000, maxActivityMs: 500 });
      tracker.start('api_call');
      clock.advance(0.75);
      tracker.registerCallback(send);
      clock.advance(1000);
      expect(named(OVERDUE)).toEqual([[1000.75, 'warn', OVERDUE, { reason: 'api_call', held_ms: 1000 }]]);
    });

    it('is no limit by default', () => {
      const { tracker, clock, send, sends, named } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(100_000);
      expect(named(OVERDUE)).toEqual([]);
      expect(sends).toHaveLength(100);
      expect(tracker.snapshot().overdue).toBe(0);
    });
  });

  describe('maxSilenceMs', () => {
    it('does not apply to an activity that was never touched', () => {
      const { tracker, clock, send, sends, named } = observeTracker({ intervalMs: 1000, maxSilenceMs: 500 });
      tracker.registerCallback(send);
      tracker.start('tool_exec');
      clock.advance(60_000);
      expect(sends).toHaveLength(60);
      expect(named(OVERDUE)).toEqual([]);
      expect(tracker.snapshot().overdue).toBe(0);
    });

    it('makes an activity overdue that was touched and has been silent for longer', () => {
      const { tracker, clock, send, sends, log } = observeTracker({ intervalMs: 1000, maxSilenceMs: 1500 });
      tracker.registerCallback(send);
      tracker.start('tool_exec').touch();
      clock.advance(1500);
      expect(tracker.snapshot().overdue).toBe(0);
      clock.advance(1500);
      expect(tracker.snapshot()).toMatchObject({ refcount: 1, overdue: 1, keepalives: { sent: 1, withheld: 2 } });
      expect(sends.map(({ atMs }) => atMs)).toEqual([1000]);
      expect(log.slice(1)).toEqual([
        [2000, 'debug', HEARTBEAT, { refcount: 1 }],
        [2000, 'warn', OVERDUE, { reason: 'tool_exec', held_ms: 2000, silent_ms: 2000 }],
        [2000, 'info', NOT_SENT_EVENT, { cause: 'overdue' }],
        [3000, 'debug', HEARTBEAT, { refcount: 1 }],
      ]);
    });

    it('lets a touched activity justify keep-alives again, and logs it once more when it falls silent again', () => {
      const { tracker, clock, send, sends, named } = observeTracker({ intervalMs: 1000, maxSilenceMs: 1500 });
      tracker.registerCallback(send);
      const activity = tracker.start('tool_exec');
      activity.touch();
      clock.advance(2700.5); // Overdue at 2000.
      activity.touch();
      expect(tracker.snapshot().overdue).toBe(0);
      clock.advance(2299.5); // Overdue again at 5000.
      expect(sends.map(({ atMs }) => atMs)).toEqual([1000, 3000, 4000]);
      expect(named(OVERDUE).map(([atMs, , , data]) => [atMs, data])).toEqual([
        [2000, { reason: 'tool_exec', held_ms: 2000, silent_ms: 2000 }],
        [5000, { reason: 'tool_exec', held_ms: 5000, silent_ms: 2299 }],
      ]);
    });

    it('logs no silence for an activity that is only past maxActivityMs', () => {
      const limits = { maxActivityMs: 1500, maxSilenceMs: 2500 };
      const { tracker, clock, send, named } = observeTracker({ intervalMs: 1000, ...limits });
      tracker.registerCallback(send);
      const activity = tracker.start('tool_exec');
      activity.touch();
      clock.advance(2000);
      activity.touch(); // Progress does not make it younger.
      clock.advance(5000);
      expect(named(OVERDUE)).toEqual([[2000, 'warn', OVERDUE, { reason: 'tool_exec', held_ms: 2000 }]]);
      expect(tracker.snapshot()).toMatchObject({ overdue: 1, keepalives: { sent: 1, withheld: 6 } });
    });

    it('logs no silence of exactly maxSilenceMs for an activity that is past maxActivityMs', () => {
      const limits = { maxActivityMs: 1500, maxSilenceMs: 2000 };
      const { tracker, clock, send, named } = observeTracker({ intervalMs: 1000, ...limits });
      tracker.registerCallback(send);
      tracker.start('tool_exec').touch();
      clock.advance(2000);
      expect(named(OVERDUE)).toEqual([[2000, 'warn', OVERDUE, { reason: 'tool_exec', held_ms: 2000 }]]);
    });

    it('withholds nothing while one activity is young enough', () => {
      const { tracker, clock, send, sends } = observeTracker({ intervalMs: 1000, maxSilenceMs: 500 });
      tracker.registerCallback(send);
      tracker.start('tool_exec').touch();
      tracker.start('api_call');
      clock.advance(3000);
      expect(sends).toHaveLength(3);
      expect(tracker.snapshot().overdue).toBe(1);
    });

    it('costs no timer', () => {
      const { tracker, clock } = observeTracker({ maxSilenceMs: 500 });
      tracker.start('tool_exec').touch();
      expect(clock.pendingTimers).toBe(0);
    });
  });

  describe('touch', () => {
    it.each<[string, (kit: ReturnType<typeof observeTracker>) => void]>([
      ['stopped', ({ tracker }) => tracker.stop('tool_exec')],
      ['of a disposed tracker', ({ tracker }) => tracker.dispose()],
    ])('does nothing on an activity that is taken, or %s', (_, end) => {
      const kit = observeTracker({ intervalMs: 1000, maxSilenceMs: 500 });
      const { tracker, clock, send } = kit;
      tracker.registerCallback(send);
      const taken = tracker.start('api_call');
      const other = tracker.start('tool_exec');
      tracker.stop('api_call');
      taken.touch();
      end(kit);
      other.touch();
      tracker.start('api_call');
      clock.advance(2000);
      expect(tracker.snapshot().overdue).toBe(0);
      expect(kit.named(OVERDUE)).toEqual([]);
    });

    it('does nothing without maxSilenceMs, not even read the clock', () => {
      const { tracker, clock } = observeTracker({ maxActivityMs: 500 });
      const activity = tracker.start('tool_exec');
      const now = jest.spyOn(clock, 'now');
      activity.touch();
      expect(now).not.toHaveBeenCalled();
    });
  });
});

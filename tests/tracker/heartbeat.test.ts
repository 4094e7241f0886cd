import { describe, expect, it, jest } from '@jest/globals';
import { HEARTBEAT, LATE, observeTracker } from '../support/observed-tracker.js';

describe('SessionActivityTracker', () => {
  describe('heartbeat', () => {
    it('heartbeat 1: beats every intervalMs, by default 30 s, logs and then sends', () => {
      const { tracker, clock, send, sends, log } = observeTracker();
      tracker.registerCallback((keepalive) => {
        expect(log).toHaveLength(sends.length + 1);
        send(keepalive);
      });
      tracker.start('api_call');
      clock.advance(29_999);
      expect(log).toEqual([]);
      clock.advance(60_001);
      expect(log).toEqual([30_000, 60_000, 90_000].map((atMs) => [atMs, 'debug', HEARTBEAT, { refcount: 1 }]));
      expect(sends.map(({ atMs }) => atMs)).toEqual([30_000, 60_000, 90_000]);
    });

    it('heartbeat 1: runs only while the refcount is above 0', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000, idleAfterMs: 50_000 });
      tracker.registerCallback(send);
      clock.advance(5000);
      tracker.start('api_call');
      clock.advance(1500);
      tracker.stop('api_call');
      clock.advance(5000);
      expect(timesOf(HEARTBEAT)).toEqual([6000]);
    });

    it('heartbeat 1: runs only while a sender is registered', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000 });
      tracker.start('api_call');
      clock.advance(5000);
      const registration = tracker.registerCallback(send);
      clock.advance(1000);
      registration.unregister();
      clock.advance(5000);
      expect(timesOf(HEARTBEAT)).toEqual([6000]);
    });

    it('heartbeat 1: logs always, sends only if the gate is open, and asks it before every send', () => {
      const { tracker, clock, gate, send, sends, timesOf } = observeTracker({ intervalMs: 1000 });
      const isOpen = jest.spyOn(gate, 'isOpen');
      tracker.registerCallback(send);
      tracker.start('api_call');
      gate.close();
      clock.advance(1000);
      gate.open();
      clock.advance(1000);
      gate.close();
      clock.advance(1000);
      expect(timesOf(HEARTBEAT)).toEqual([1000, 2000, 3000]);
      expect(sends.map(({ atMs }) => atMs)).toEqual([2000]);
      expect(isOpen).toHaveBeenCalledTimes(3);
      expect(tracker.snapshot().keepalives).toMatchObject({ sent: 1, withheld: 2 });
    });

    it('heartbeat 2: registering while work runs starts it, first beat one full interval later', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000 });
      tracker.start('api_call');
      clock.advance(700);
      tracker.registerCallback(send);
      clock.advance(2000);
      expect(timesOf(HEARTBEAT)).toEqual([1700, 2700]);
    });

    it('heartbeat 2: replacing a sender keeps the rhythm; the next beat goes to the new one', () => {
      const { tracker, clock, send, sends } = observeTracker({ intervalMs: 1000 });
      const replaced = jest.fn();
      tracker.registerCallback(replaced);
      tracker.start('api_call');
      clock.advance(700);
      tracker.registerCallback(send);
      clock.advance(300);
      expect(sends.map(({ atMs }) => atMs)).toEqual([1000]);
      expect(replaced).not.toHaveBeenCalled();
    });

    it('heartbeat 2: unregistering stops the heartbeat and the idle timer; counting goes on', () => {
      const { tracker, clock, send, log } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      tracker.unregisterCallback();
      expect(clock.pendingTimers).toBe(0);
      tracker.start('tool_exec');
      expect(tracker.snapshot().refcount).toBe(2);
      tracker.stop('api_call');
      tracker.stop('tool_exec');
      clock.advance(5000);
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      expect(clock.pendingTimers).toBe(1);
      tracker.unregisterCallback();
      expect(clock.pendingTimers).toBe(0);
      clock.advance(5000);
      expect(log).toEqual([]);
    });

    it('heartbeat 2: a sender that comes back begins a new rhythm', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000, cadence: 'steady' });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(600);
      tracker.unregisterCallback();
      tracker.registerCallback(send);
      clock.advance(1000);
      expect(timesOf(HEARTBEAT)).toEqual([1600]);
    });

    it('heartbeat 3: beats keep phase after a late one', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.stall(1050);
      clock.advance(2000);
      expect(timesOf(HEARTBEAT)).toEqual([1050, 2000, 3000]);
    });

    it('heartbeat 3: a beat late by a tenth of the interval is logged, before the beat, and counted', () => {
      const { tracker, clock, send, log } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.stall(1100.5);
      clock.advance(0);
      expect(log).toEqual([
        [1100.5, 'warn', LATE, { late_ms: 100 }],
        [1100.5, 'debug', HEARTBEAT, { refcount: 1 }],
      ]);
      expect(tracker.snapshot().lateHeartbeats).toBe(1);
    });

    it('heartbeat 3: a beat late by less than a tenth is not', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.stall(1099);
      clock.advance(0);
      expect(timesOf(LATE)).toEqual([]);
      clock.stall(1001); // 2100: exactly a tenth
      clock.advance(0);
      expect(timesOf(LATE)).toEqual([2100]);
      expect(tracker.snapshot().lateHeartbeats).toBe(1);
    });

    it('heartbeat 3: missed beats are not made up: one beat, then the next multiple', () => {
      const { tracker, clock, send, sends, timesOf, named } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.stall(4300);
      clock.advance(2700);
      expect(timesOf(HEARTBEAT)).toEqual([4300, 5000, 6000, 7000]);
      expect(sends).toHaveLength(4);
      expect(named(LATE)).toEqual([[4300, 'warn', LATE, { late_ms: 3300 }]]);
    });

    it('heartbeat 3: a beat late by a whole interval is followed by the next one after it', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.stall(2000);
      clock.advance(1000);
      expect(timesOf(HEARTBEAT)).toEqual([2000, 3000]);
    });

    it('heartbeat 3: a sender that blocks the loop makes the next beat late', () => {
      const { tracker, clock, timesOf, named } = observeTracker({ intervalMs: 1000 });
      const blocks = [1300, 0, 0];
      tracker.registerCallback(() => {
        clock.stall(blocks.shift() ?? 0);
      });
      tracker.start('api_call');
      clock.advance(3000);
      expect(timesOf(HEARTBEAT)).toEqual([1000, 2300, 3000]);
      expect(named(LATE)).toEqual([[2300, 'warn', LATE, { late_ms: 300 }]]);
    });
  });
});

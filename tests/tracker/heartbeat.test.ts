import { describe, expect, it, jest } from '@jest/globals';
import { createTestTracker } from '../../src/testing/index.js';
import { FAILED, HEARTBEAT, LATE, observeTracker } from '../support/observed-tracker.js';

describe('SessionActivityTracker', () => {
  describe('heartbeat', () => {
    it('beats every intervalMs, by default 30 s, logs and then sends', () => {
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

    it('runs only while work runs', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000, idleAfterMs: 50_000 });
      tracker.registerCallback(send);
      clock.advance(5000);
      tracker.start('api_call');
      clock.advance(1500);
      tracker.stop('api_call');
      clock.advance(5000);
      expect(timesOf(HEARTBEAT)).toEqual([6000]);
    });

    it('runs only while a sender is registered', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000 });
      tracker.start('api_call');
      clock.advance(5000);
      const registration = tracker.registerCallback(send);
      clock.advance(1000);
      registration.unregister();
      clock.advance(5000);
      expect(timesOf(HEARTBEAT)).toEqual([6000]);
    });

    it('logs always, sends only if the gate is open, and asks it before every send', () => {
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

    it('starts one full interval before its first beat when a sender is registered while work runs', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000 });
      tracker.start('api_call');
      clock.advance(700);
      tracker.registerCallback(send);
      clock.advance(2000);
      expect(timesOf(HEARTBEAT)).toEqual([1700, 2700]);
    });

    it('keeps its schedule when the sender is replaced, and the next heartbeat goes to the new one', () => {
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

    it('stops with the idle timer when the sender is removed; counting goes on', () => {
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

    it('begins a new schedule with a sender that comes back', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(600);
      tracker.unregisterCallback();
      tracker.registerCallback(send);
      clock.advance(1000);
      expect(timesOf(HEARTBEAT)).toEqual([1600]);
    });

    it.each(['logger', 'sender'])('is not delayed by a %s that blocks for half an interval', (which) => {
      const { tracker, clock, diagnostics } = createTestTracker({ intervalMs: 1000, sendTimeoutMs: 200 });
      const beatsAt: number[] = [];
      jest.spyOn(diagnostics, 'log').mockImplementation((_level, event) => {
        if (event === FAILED && which === 'logger') clock.stall(500);
        if (event === HEARTBEAT) beatsAt.push(clock.now());
      });
      tracker.registerCallback(() => {
        if (which === 'sender') clock.stall(500);
        return new Promise(() => undefined);
      });
      tracker.start('api_call');
      clock.advance(3000);
      expect(beatsAt).toEqual([1000, 2000, 3000]);
    });
  });

  describe('late heartbeat', () => {
    it.each([
      ['keeps phase and is not logged', 1099.9, [], [1099.9, 2000, 3000]],
      ['begins a new schedule and is logged', 1100, [1100], [1100, 2100, 3100]],
    ])('%s when it comes at %p for 1000', (_, cameAtMs, lateAt, beatsAt) => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.stall(cameAtMs);
      clock.advance(2000);
      clock.advance(3100 - clock.now());
      expect(timesOf(LATE)).toEqual(lateAt);
      expect(timesOf(HEARTBEAT)).toEqual(beatsAt);
      expect(tracker.snapshot().lateHeartbeats).toBe(lateAt.length);
    });

    it('is logged before the beat, in whole milliseconds', () => {
      const { tracker, clock, send, log } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.stall(1100.5);
      clock.advance(0);
      expect(log).toEqual([
        [1100.5, 'warn', LATE, { late_ms: 100 }],
        [1100.5, 'debug', HEARTBEAT, { refcount: 1 }],
      ]);
    });

    it('does not make up for the beats that were missed', () => {
      const { tracker, clock, send, sends, timesOf, named } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.stall(4300);
      clock.advance(2700);
      expect(timesOf(HEARTBEAT)).toEqual([4300, 5300, 6300]);
      expect(sends).toHaveLength(3);
      expect(named(LATE)).toEqual([[4300, 'warn', LATE, { late_ms: 3300 }]]);
    });

    it('is never closer to the next than nine tenths of an interval', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      for (let blockedMs = 900; blockedMs < 2100; blockedMs += 13) {
        clock.stall(blockedMs);
        clock.advance(0);
      }
      const beats = timesOf(HEARTBEAT);
      const gaps = beats.slice(1).map((atMs, nth) => atMs - (beats[nth] ?? 0));
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(900);
    });

    it('follows a sender that blocks the event loop', () => {
      const { tracker, clock, timesOf, named } = observeTracker({ intervalMs: 1000 });
      const blocks = [1300];
      tracker.registerCallback(() => {
        clock.stall(blocks.shift() ?? 0);
      });
      tracker.start('api_call');
      clock.advance(3000);
      clock.advance(300);
      expect(timesOf(HEARTBEAT)).toEqual([1000, 2300, 3300]);
      expect(named(LATE)).toEqual([[2300, 'warn', LATE, { late_ms: 300 }]]);
    });
  });
});

import { describe, expect, it, jest } from '@jest/globals';
import { defer } from '../support/deferred.js';
import { observeTracker } from '../support/observed-tracker.js';

describe('SessionActivityTracker', () => {
  describe('idle event', () => {
    it('is logged once, idleAfterMs after the last stop, by default intervalMs', () => {
      const { tracker, clock, send, log } = observeTracker();
      tracker.registerCallback(send);
      const activity = tracker.start('api_call');
      clock.advance(10);
      activity.stop();
      clock.advance(29_999);
      expect(log).toEqual([]);
      clock.advance(1);
      expect(log).toEqual([[30_010, 'info', 'session_idle_30s']]);
      clock.advance(300_000);
      expect(log).toHaveLength(1);
      expect(clock.pendingTimers).toBe(0);
    });

    it('is logged with exactly two arguments: no data', () => {
      const { tracker, clock, diagnostics, send } = observeTracker();
      const log = jest.spyOn(diagnostics, 'log');
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      clock.advance(30_000);
      expect(log.mock.calls).toStrictEqual([['info', 'session_idle_30s']]);
      expect(log.mock.calls[0]).toHaveLength(2);
    });

    it.each([
      [1000, 'session_idle_1s'],
      [60_000, 'session_idle_60s'],
      [1500, 'session_idle_1500ms'],
      [999, 'session_idle_999ms'],
      [1, 'session_idle_1ms'],
      [1000.5, 'session_idle_1000.5ms'],
    ])('after %p ms is called %p', (idleAfterMs, name) => {
      const { tracker, clock, send, log } = observeTracker({ idleAfterMs });
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      clock.advance(idleAfterMs);
      expect(log).toEqual([[idleAfterMs, 'info', name]]);
    });

    it('comes before the beat would have come when idleAfterMs is shorter than the interval', () => {
      const { tracker, clock, send, log } = observeTracker({ intervalMs: 1000, idleAfterMs: 100 });
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      clock.advance(100);
      expect(log).toEqual([[100, 'info', 'session_idle_100ms']]);
    });

    it('is not armed by a stop while no heartbeat runs', () => {
      const { tracker, clock, log } = observeTracker();
      tracker.start('api_call').stop();
      expect(clock.pendingTimers).toBe(0);
      clock.advance(60_000);
      expect(log).toEqual([]);
    });

    it('is cancelled by a start, and the next stop waits the full time again', () => {
      const { tracker, clock, send, log } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      clock.advance(900);
      const activity = tracker.start('api_call');
      clock.advance(500);
      activity.stop();
      clock.advance(999);
      expect(log).toEqual([]);
      clock.advance(1);
      expect(log).toEqual([[2400, 'info', 'session_idle_1s']]);
    });

    it('is cancelled when the sender is removed, and not armed when one is registered while idle', () => {
      const { tracker, clock, send, log } = observeTracker();
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      tracker.unregisterCallback();
      expect(clock.pendingTimers).toBe(0);
      tracker.registerCallback(send);
      expect(clock.pendingTimers).toBe(0);
      clock.advance(90_000);
      expect(log).toEqual([]);
    });

    it('is not cancelled when the sender is replaced', () => {
      const { tracker, clock, send, log } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      clock.advance(500);
      tracker.registerCallback(send);
      clock.advance(500);
      expect(log).toEqual([[1000, 'info', 'session_idle_1s']]);
    });

    it('is cancelled by dispose', () => {
      const { tracker, clock, send, named } = observeTracker();
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      tracker.dispose();
      expect(clock.pendingTimers).toBe(0);
      clock.advance(60_000);
      expect(named('session_idle_30s')).toEqual([]);
    });

    it('is not postponed by sending', () => {
      const { tracker, clock, send, log } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.sendSignal();
      expect(clock.pendingTimers).toBe(0);
      tracker.start('api_call').stop();
      clock.advance(600);
      tracker.sendSignal();
      clock.advance(400);
      expect(log).toEqual([[1000, 'info', 'session_idle_1s']]);
    });

    it('is not postponed by a pending send', () => {
      const { tracker, clock, log } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 1000 });
      tracker.registerCallback(() => defer().promise);
      tracker.start('api_call').stop();
      clock.advance(500);
      tracker.sendSignal();
      clock.advance(500);
      expect(log).toEqual([[1000, 'info', 'session_idle_1s']]);
      expect(clock.pendingTimers).toBe(1);
    });

    it('comes late, once, after a stall', () => {
      const { tracker, clock, send, log } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      clock.stall(5000);
      clock.advance(0);
      clock.advance(5000);
      expect(log).toEqual([[5000, 'info', 'session_idle_1s']]);
    });
  });
});

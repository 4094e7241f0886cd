import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { HEARTBEAT, LATE, observeTracker, type ObservedTracker } from '../support/observed-tracker.js';
import type { SessionActivityReason, TrackerOptions } from '../../src/index.js';

/** A tracker whose work stopped at 400, with a beat due at 1000 and the idle event at 400 and `idleAfterMs`. */
function paused(options: TrackerOptions = {}): ObservedTracker<SessionActivityReason> {
  const kit = observeTracker({ intervalMs: 1000, cadence: 'steady', ...options });
  kit.tracker.registerCallback(kit.send);
  const activity = kit.tracker.start('api_call');
  kit.clock.advance(400);
  activity.stop();
  return kit;
}

describe('SessionActivityTracker', () => {
  describe('cadence', () => {
    it('restart, the default: work that resumes waits a full interval', () => {
      const { tracker, clock, timesOf } = paused({ cadence: 'restart' });
      clock.advance(100);
      tracker.start('api_call');
      clock.advance(1500);
      expect(timesOf(HEARTBEAT)).toEqual([1500]);
    });

    it('restart: bursts shorter than the interval never beat', () => {
      const { tracker, clock, send, log } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      for (let i = 0; i < 20; i++) {
        const activity = tracker.start('api_call');
        clock.advance(900);
        activity.stop();
        clock.advance(100);
      }
      expect(log).toEqual([]);
    });

    it('heartbeat 4: steady: such bursts beat at every multiple', () => {
      const { tracker, clock, send, sends } = observeTracker({ intervalMs: 1000, cadence: 'steady' });
      tracker.registerCallback(send);
      for (let i = 0; i < 4; i++) {
        const activity = tracker.start('api_call');
        clock.advance(600);
        activity.stop();
        clock.advance(100);
      }
      expect(sends.map(({ atMs }) => atMs)).toEqual([1000, 2000]);
    });

    it('heartbeat 4: steady: work that resumes before the beat is due beats when it is due', () => {
      const { tracker, clock, log } = paused();
      clock.advance(599);
      tracker.start('api_call');
      clock.advance(1);
      expect(log).toEqual([[1000, 'debug', HEARTBEAT, { refcount: 1 }]]);
    });

    it('heartbeat 4: steady: work that resumes after it was due beats at once, on the next timer turn', () => {
      const { tracker, clock, sends, log, timesOf } = paused();
      clock.advance(700); // 1100
      tracker.start('api_call');
      expect(log).toEqual([]);
      expect(tracker.snapshot().nextHeartbeatMs).toBe(0);
      clock.advance(0);
      expect(timesOf(HEARTBEAT)).toEqual([1100]);
      expect(sends.map(({ atMs }) => atMs)).toEqual([1100]);
    });

    it('heartbeat 4: steady: a beat that waited for work is late by how long it waited and keeps phase', () => {
      const { tracker, clock, log } = paused({ idleAfterMs: 3000 });
      clock.advance(1850); // 2250
      tracker.start('api_call');
      clock.advance(1000);
      expect(log).toEqual([
        [2250, 'warn', LATE, { late_ms: 1250 }],
        [2250, 'debug', HEARTBEAT, { refcount: 1 }],
        [3000, 'debug', HEARTBEAT, { refcount: 1 }],
      ]);
    });

    it('heartbeat 4: steady: work that resumes when the beat is due beats then', () => {
      const { tracker, clock, timesOf } = paused();
      clock.advance(600);
      tracker.start('api_call');
      clock.advance(1000);
      expect(timesOf(HEARTBEAT)).toEqual([1000, 2000]);
    });

    it('heartbeat 4: steady: nothing beats during the pause', () => {
      const { clock, log } = paused({ idleAfterMs: 3000 });
      clock.advance(2999);
      expect(log).toEqual([]);
    });

    it('heartbeat 4: steady: after the idle event the rhythm starts anew', () => {
      const { tracker, clock, log } = paused();
      clock.advance(1000); // 1400: idle
      clock.advance(50);
      tracker.start('api_call');
      clock.advance(1000);
      expect(log).toEqual([
        [1400, 'info', 'session_idle_1s'],
        [2450, 'debug', HEARTBEAT, { refcount: 1 }],
      ]);
    });

    it('heartbeat 4: steady: an idle event before the beat is due ends the rhythm too', () => {
      const { tracker, clock, log } = paused({ idleAfterMs: 200 });
      clock.advance(250); // 650, idle at 600
      tracker.start('api_call');
      clock.advance(1000);
      expect(log).toEqual([
        [600, 'info', 'session_idle_200ms'],
        [1650, 'debug', HEARTBEAT, { refcount: 1 }],
      ]);
    });

    it('heartbeat 4: steady: a pause of just under the idle time keeps the rhythm', () => {
      const { tracker, clock, timesOf } = paused({ idleAfterMs: 200 });
      clock.advance(199);
      tracker.start('api_call');
      clock.advance(1000);
      expect(timesOf(HEARTBEAT)).toEqual([1000]);
    });

    it('heartbeat 4: steady: a sender replaced in the pause changes nothing', () => {
      const { tracker, clock, sends, send } = paused();
      tracker.registerCallback(send);
      clock.advance(100);
      tracker.start('api_call');
      clock.advance(500);
      expect(sends.map(({ atMs }) => atMs)).toEqual([1000]);
    });
  });

  describe('jitter', () => {
    afterEach(() => {
      jest.restoreAllMocks();
    });

    it('brings the first beat of a run forward by a random part of its share, and only the first', () => {
      jest.spyOn(Math, 'random').mockReturnValue(0.5);
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000, jitter: 0.4 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      expect(tracker.snapshot().nextHeartbeatMs).toBe(800);
      clock.advance(3000);
      expect(timesOf(HEARTBEAT)).toEqual([800, 1800, 2800]);
    });

    it('is drawn anew for each run', () => {
      const random = jest.spyOn(Math, 'random').mockReturnValue(0);
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000, jitter: 1 });
      tracker.registerCallback(send);
      const activity = tracker.start('api_call');
      clock.advance(1000);
      activity.stop();
      random.mockReturnValue(0.75);
      tracker.start('api_call');
      clock.advance(250);
      expect(timesOf(HEARTBEAT)).toEqual([1000, 1250]);
    });

    it('does not bring forward the beat of a rhythm that steady resumes', () => {
      jest.spyOn(Math, 'random').mockReturnValue(0);
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000, jitter: 1, cadence: 'steady' });
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      jest.spyOn(Math, 'random').mockReturnValue(0.9);
      tracker.start('api_call');
      clock.advance(1000);
      expect(timesOf(HEARTBEAT)).toEqual([1000]);
    });

    it('of 0, the default, leaves the beat where it is', () => {
      jest.spyOn(Math, 'random').mockReturnValue(0.99);
      const { tracker, send } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      expect(tracker.snapshot().nextHeartbeatMs).toBe(1000);
    });
  });
});

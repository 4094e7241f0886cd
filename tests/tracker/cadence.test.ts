import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { SessionActivityReason } from '../../src/index.js';
import { HEARTBEAT, LATE, observeTracker, type ObservedTracker } from '../support/observed-tracker.js';

type Kit = ObservedTracker<SessionActivityReason>;

/** A tracker with a sender that sees work from 0 to 400. With `'steady'` it beats at 0, and next at 1000. */
function paused(cadence: 'restart' | 'steady', idleAfterMs = 5000): Kit {
  const kit = observeTracker({ intervalMs: 1000, idleAfterMs, cadence });
  kit.tracker.registerCallback(kit.send);
  const activity = kit.tracker.start('api_call');
  kit.clock.advance(400);
  activity.stop();
  return kit;
}

function workInPieces({ tracker, clock }: Kit, pieces: number, workMs: number, pauseMs: number): void {
  for (let i = 0; i < pieces; i++) {
    const activity = tracker.start('api_call');
    clock.advance(workMs);
    activity.stop();
    clock.advance(pauseMs);
  }
}

describe('SessionActivityTracker', () => {
  describe('restart, the default cadence', () => {
    it('waits a full interval when work resumes', () => {
      const { tracker, clock, timesOf } = paused('restart');
      clock.advance(100);
      tracker.start('api_call');
      clock.advance(1500);
      expect(timesOf(HEARTBEAT)).toEqual([1500]);
    });

    it('never beats during work that always ends sooner', () => {
      const kit = observeTracker({ intervalMs: 1000 });
      kit.tracker.registerCallback(kit.send);
      workInPieces(kit, 20, 900, 100);
      expect(kit.log).toEqual([]);
    });
  });

  describe('steady cadence', () => {
    it('beats at once when work begins, on the next timer turn and never inside start', () => {
      const { tracker, clock, send, sends, log, timesOf } = observeTracker({ intervalMs: 1000, cadence: 'steady' });
      clock.advance(100);
      tracker.registerCallback(send);
      tracker.start('api_call');
      expect(log).toEqual([]);
      expect(tracker.snapshot().nextHeartbeatMs).toBe(0);
      clock.advance(2000);
      expect(timesOf(HEARTBEAT)).toEqual([100, 1100, 2100]);
      expect(sends.map(({ atMs }) => atMs)).toEqual([100, 1100, 2100]);
    });

    it('is not late with a beat at once, however late the turn comes', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000, cadence: 'steady' });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.stall(700);
      clock.advance(1000);
      expect(timesOf(HEARTBEAT)).toEqual([700, 1700]);
      expect(timesOf(LATE)).toEqual([]);
    });

    it('is never silent for longer than an interval, however short the pieces of work are', () => {
      const kit = observeTracker({ intervalMs: 1000, cadence: 'steady' });
      kit.tracker.registerCallback(kit.send);
      workInPieces(kit, 6, 600, 100);
      expect(kit.timesOf(HEARTBEAT)).toEqual([0, 1000, 2000, 3000, 4000]);
    });

    it('resumes with the beat when it is due, if work resumes before that', () => {
      const { tracker, clock, timesOf } = paused('steady');
      clock.advance(599);
      tracker.start('api_call');
      clock.advance(1001);
      expect(timesOf(HEARTBEAT)).toEqual([0, 1000, 2000]);
    });

    it.each([1000, 1100, 9999])('beats at once if work resumes at %i, when the beat was due at 1000', (resumedAtMs) => {
      const { tracker, clock, timesOf } = paused('steady');
      clock.advance(resumedAtMs - 400);
      tracker.start('api_call');
      clock.stall(150); // No beat at once is late.
      clock.advance(1000);
      expect(timesOf(HEARTBEAT)).toEqual([0, resumedAtMs + 150, resumedAtMs + 1150]);
      expect(timesOf(LATE)).toEqual([]);
    });

    it('is late when work resumes before the beat is due and the beat comes late', () => {
      const { tracker, clock, timesOf } = paused('steady');
      tracker.start('api_call');
      clock.stall(800); // 1200
      clock.advance(1000);
      expect(timesOf(LATE)).toEqual([1200]);
      expect(timesOf(HEARTBEAT)).toEqual([0, 1200, 2200]);
    });

    it('beats at once when work resumes after work that ended before its first beat', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000, cadence: 'steady' });
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      clock.advance(500);
      expect(timesOf(HEARTBEAT)).toEqual([]);
      tracker.start('api_call');
      clock.advance(0);
      expect(timesOf(HEARTBEAT)).toEqual([500]);
    });

    it('keeps the time of the last beat through the idle event', () => {
      const { tracker, clock, timesOf } = paused('steady', 200);
      clock.advance(250); // 650, idle at 600
      tracker.start('api_call');
      clock.advance(350);
      expect(timesOf('session_idle_200ms')).toEqual([600]);
      expect(timesOf(HEARTBEAT)).toEqual([0, 1000]);
    });

    it('does not beat during the pause', () => {
      const { clock, timesOf } = paused('steady');
      clock.advance(4999);
      expect(timesOf(HEARTBEAT)).toEqual([0]);
    });

    it.each<[string, (kit: Kit) => void]>([
      ['registered', () => undefined],
      [
        'replaced',
        ({ tracker, clock, send }) => {
          tracker.registerCallback(send);
          clock.advance(300);
        },
      ],
      ['removed and registered again', ({ tracker, send }) => tracker.registerCallback(send).unregister()],
    ])('beats at once over a sender that is %s while work runs', (_, before) => {
      const kit = observeTracker({ intervalMs: 1000, cadence: 'steady' });
      kit.tracker.start('api_call');
      kit.clock.advance(100);
      before(kit);
      kit.log.length = 0;
      const registeredAtMs = kit.clock.now();
      kit.tracker.registerCallback(kit.send);
      expect(kit.log).toEqual([]);
      kit.clock.advance(1000);
      expect(kit.timesOf(HEARTBEAT)).toEqual([registeredAtMs, registeredAtMs + 1000]);
    });

    it('beats at once over a sender that was replaced during the pause', () => {
      const { tracker, clock, sends, send } = paused('steady');
      tracker.registerCallback(send);
      clock.advance(100);
      tracker.start('api_call');
      clock.advance(1000);
      expect(sends.map(({ atMs }) => atMs)).toEqual([0, 500, 1500]);
    });
  });

  describe('jitter', () => {
    afterEach(() => {
      jest.restoreAllMocks();
    });

    it('shortens only the first interval of a schedule, by a random part of its share', () => {
      jest.spyOn(Math, 'random').mockReturnValue(0.5);
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000, jitter: 0.4 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      expect(tracker.snapshot().nextHeartbeatMs).toBe(800);
      clock.advance(3000);
      expect(timesOf(HEARTBEAT)).toEqual([800, 1800, 2800]);
    });

    it('is drawn again for each schedule', () => {
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

    it('shortens the interval after a steady beat at once, and no later one', () => {
      jest.spyOn(Math, 'random').mockReturnValue(0.5);
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000, jitter: 0.4, cadence: 'steady' });
      tracker.registerCallback(send);
      const activity = tracker.start('api_call');
      clock.advance(1000); // The next is due at 1800.
      activity.stop();
      tracker.start('api_call');
      clock.advance(2000);
      expect(timesOf(HEARTBEAT)).toEqual([0, 800, 1800, 2800]);
    });

    it('does not change the schedule after a late heartbeat', () => {
      jest.spyOn(Math, 'random').mockReturnValue(0.5);
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000, jitter: 0.4 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.stall(1500);
      clock.advance(1000);
      expect(timesOf(HEARTBEAT)).toEqual([1500, 2500]);
    });

    it('is 0 by default', () => {
      jest.spyOn(Math, 'random').mockReturnValue(0.99);
      const { tracker, send } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      expect(tracker.snapshot().nextHeartbeatMs).toBe(1000);
    });
  });
});

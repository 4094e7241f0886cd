import { describe, expect, it, jest } from '@jest/globals';
import { type Clock, SessionActivityTracker, StaticKeepaliveGate, type TrackerOptions } from '../../src/index.js';
import { ManualCleanupRegistry, ManualClock, RecordingDiagnosticsLogger } from '../../src/testing/index.js';
import { HEARTBEAT } from '../support/observed-tracker.js';
import { SpyClock } from '../support/spy-clock.js';

/** A tracker with a sender on that clock. */
function trackerOn<AnyClock extends Clock>(
  clock: AnyClock,
  options: TrackerOptions = { intervalMs: 1000 },
): { clock: AnyClock; tracker: SessionActivityTracker; events: () => string[] } {
  const diagnostics = new RecordingDiagnosticsLogger();
  const gate = new StaticKeepaliveGate(true);
  const tracker = new SessionActivityTracker(clock, diagnostics, gate, new ManualCleanupRegistry(), options);
  tracker.registerCallback(() => undefined);
  return { clock, tracker, events: () => diagnostics.events.map(({ event }) => event) };
}

function fail(): never {
  throw new Error('clock');
}

/** A clock whose timer cannot be scheduled while `isBroken`. */
class BreakableClock extends ManualClock {
  isBroken = true;

  override createTimer(callback: () => void): ReturnType<Clock['createTimer']> {
    const timer = super.createTimer(callback);
    return {
      schedule: (delayMs) => {
        if (this.isBroken) fail();
        timer.schedule(delayMs);
      },
      cancel: () => {
        timer.cancel();
      },
    };
  }
}

describe('SessionActivityTracker', () => {
  describe('time', () => {
    it.each([-1e6, 0, 1e12])('takes only differences between readings: a clock that begins at %p', (beginMs) => {
      const { clock, tracker, events } = trackerOn(new SpyClock(beginMs), { intervalMs: 1000, maxActivityMs: 1500 });
      tracker.start('api_call');
      clock.fireAt(beginMs + 1000);
      clock.fireAt(beginMs + 2000);
      tracker.stop('api_call');
      clock.fireAt(beginMs + 3000);
      expect(clock.calls).toEqual([1000, 1000, 1000]);
      expect(events().filter((event) => event !== 'session_keepalive_not_sent')).toEqual([
        HEARTBEAT,
        HEARTBEAT,
        'session_activity_overdue',
        'session_idle_1s',
      ]);
    });

    it.each([999.5, 900, 0])('trusts a timer that fires although the clock shows %p, and keeps phase', (nowMs) => {
      const { clock, tracker, events } = trackerOn(new SpyClock());
      tracker.start('api_call');
      clock.fireAt(nowMs);
      expect(events()).toEqual([HEARTBEAT]);
      expect(tracker.snapshot()).toMatchObject({ busyMs: 1000, nextHeartbeatMs: 1000, lateHeartbeats: 0 });
      expect(clock.calls).toEqual([1000, 1000]);
    });

    it('beats once per firing on a clock that stands still, and logs the idle event', () => {
      const { clock, tracker, events } = trackerOn(new SpyClock());
      tracker.start('api_call');
      for (let i = 0; i < 3; i++) clock.fireAt(0);
      tracker.stop('api_call');
      clock.fireAt(0);
      expect(events()).toEqual([HEARTBEAT, HEARTBEAT, HEARTBEAT, 'session_idle_1s']);
      expect(clock.calls).toEqual([1000, 1000, 1000, 1000]);
    });

    it('gives up a send before the beat of the same deadline, though the timer fires early', () => {
      const { clock, tracker } = trackerOn(new SpyClock(), { intervalMs: 1000, sendTimeoutMs: 1000 });
      tracker.registerCallback(() => new Promise(() => undefined));
      tracker.start('api_call');
      for (const atMs of [999.5, 1999.2, 2999.3]) clock.fireAt(atMs);
      expect(tracker.snapshot().keepalives).toMatchObject({ failed: 2, skipped: 0 });
    });

    it('never goes back when the clock does', () => {
      const { clock, tracker } = trackerOn(new SpyClock(5000));
      tracker.start('api_call');
      clock.nowMs = 5400;
      expect(tracker.snapshot()).toMatchObject({ busyMs: 400, nextHeartbeatMs: 600 });
      clock.nowMs = 100;
      expect(tracker.snapshot()).toMatchObject({ busyMs: 400, nextHeartbeatMs: 600 });
      tracker.start('api_call').stop();
      clock.fireAt(200);
      expect(tracker.snapshot()).toMatchObject({ busyMs: 1000, nextHeartbeatMs: 1000 });
    });

    it.each<[string, () => number]>([
      ['throws', fail],
      ['gives NaN', () => NaN],
      ['gives Infinity', () => Infinity],
      ['gives nothing', () => undefined as unknown as number],
    ])('repeats the last reading when the clock %s, and beats on', (_, now) => {
      const { clock, tracker, events } = trackerOn(new SpyClock(5000));
      tracker.start('api_call');
      clock.nowMs = 5400;
      tracker.snapshot();
      const broken = jest.spyOn(clock, 'now').mockImplementation(now);
      expect(tracker.run('tool_exec', () => 7)).toBe(7);
      expect(tracker.snapshot()).toMatchObject({ refcount: 1, busyMs: 400, nextHeartbeatMs: 600 });
      clock.fireAt(0);
      expect(events()).toEqual([HEARTBEAT]);
      expect(tracker.snapshot()).toMatchObject({ busyMs: 1000, nextHeartbeatMs: 1000 });
      broken.mockRestore();
      clock.nowMs = 6100;
      expect(tracker.snapshot()).toMatchObject({ busyMs: 1100, nextHeartbeatMs: 900 });
    });

    it('begins at 0 on a clock that never works', () => {
      const clock = new SpyClock();
      jest.spyOn(clock, 'now').mockImplementation(fail);
      const { tracker, events } = trackerOn(clock);
      tracker.start('api_call');
      clock.fireAt(0);
      expect(events()).toEqual([HEARTBEAT]);
      expect(tracker.snapshot()).toMatchObject({ busyMs: 1000, nextHeartbeatMs: 1000 });
    });
  });

  describe('its timer', () => {
    it('is created in the constructor, and no other is', () => {
      const { clock, tracker } = trackerOn(new SpyClock());
      expect(clock.timersCreated).toBe(1);
      tracker.start('api_call');
      clock.fireAt(1000);
      tracker.stop('api_call');
      tracker.dispose();
      expect(clock.timersCreated).toBe(1);
    });

    it('is left alone when work stops and starts', () => {
      const { clock, tracker } = trackerOn(new SpyClock());
      tracker.start('api_call').stop();
      clock.calls.length = 0;
      for (let i = 1; i < 100; i++) {
        clock.nowMs = i;
        const activity = tracker.start('api_call');
        tracker.start('tool_exec').stop();
        activity.stop();
      }
      expect(clock.calls).toEqual([]);
    });

    it('is armed again when it fires before a deadline that has moved later, and nothing else happens', () => {
      const { clock, tracker, events } = trackerOn(new SpyClock());
      tracker.start('api_call').stop();
      clock.nowMs = 400;
      tracker.start('api_call');
      clock.fireAt(1000);
      expect(events()).toEqual([]);
      expect(clock.calls).toEqual([1000, 400]);
    });

    it('is armed again for an earlier deadline', () => {
      const options = { intervalMs: 1000, idleAfterMs: 100, sendTimeoutMs: 50 };
      const { clock, tracker } = trackerOn(new SpyClock(), options);
      tracker.registerCallback(() => new Promise(() => undefined));
      const activity = tracker.start('api_call');
      clock.nowMs = 400;
      activity.stop(); // Idle at 500.
      clock.nowMs = 420;
      tracker.sendSignal(); // Given up at 470.
      clock.fireAt(470);
      expect(clock.calls).toEqual([1000, 100, 50, 30]);
    });

    it('is armed for what is left after a logger took long', () => {
      const clock = new SpyClock();
      const log = (_: unknown, event: string): void => {
        if (event === 'session_keepalive_failed') clock.nowMs += 500;
      };
      const gate = new StaticKeepaliveGate(true);
      const options = { intervalMs: 1000, sendTimeoutMs: 200 };
      const tracker = new SessionActivityTracker(clock, { log }, gate, new ManualCleanupRegistry(), options);
      tracker.registerCallback(() => new Promise(() => undefined));
      tracker.start('api_call');
      clock.fireAt(1000);
      clock.fireAt(1200);
      expect(clock.calls).toEqual([1000, 1000, 200, 300]);
    });

    it('is cancelled with the sender, and armed again for one that comes later', () => {
      const { clock, tracker } = trackerOn(new SpyClock());
      tracker.start('api_call');
      tracker.unregisterCallback();
      clock.nowMs = 300;
      tracker.registerCallback(() => undefined);
      expect(clock.calls).toEqual([1000, 'cancel', 1000]);
    });

    it('is ignored when it fires after it was cancelled', () => {
      const { clock, tracker, events } = trackerOn(new SpyClock());
      tracker.start('api_call');
      tracker.unregisterCallback();
      clock.fireAt(1000);
      tracker.dispose();
      clock.fireAt(2000);
      expect(events()).toEqual(['session_activity_at_shutdown']);
    });

    it('is never pending twice', () => {
      const { clock, tracker } = trackerOn(new ManualClock(), { intervalMs: 100, idleAfterMs: 30 });
      tracker.registerCallback(() => new Promise(() => undefined));
      for (let i = 0; i < 200; i++) {
        if (i % 3 === 0) tracker.start('api_call');
        if (i % 5 === 0) tracker.sendSignal();
        if (i % 7 === 0) while (tracker.snapshot().refcount > 0) tracker.stop('api_call');
        clock.advance(i % 40);
        expect(clock.pendingTimers).toBeLessThanOrEqual(1);
      }
      tracker.dispose();
      expect(clock.pendingTimers).toBe(0);
    });
  });

  describe('a timer that may have been lost', () => {
    it.each<[string, number, number[]]>([
      ['a second ago', 1000, [30_000, 30_000]],
      ['less than a second ago', 999, [30_000]],
    ])('is armed again when work begins if it was armed %s', (_, resumedAtMs, calls) => {
      const { clock, tracker } = trackerOn(new SpyClock(), { intervalMs: 30_000 });
      tracker.start('api_call').stop();
      clock.nowMs = resumedAtMs;
      tracker.start('api_call');
      expect(clock.calls).toEqual(calls);
    });

    it('is armed again when work begins and it is late', () => {
      const { clock, tracker } = trackerOn(new SpyClock(), { intervalMs: 100 });
      tracker.start('api_call').stop();
      clock.nowMs = 110;
      tracker.start('api_call');
      expect(clock.calls).toEqual([100, 100]);
    });

    it('is armed again when it is late and further work begins beside work that runs', () => {
      const { clock, tracker } = trackerOn(new SpyClock(), { intervalMs: 30_000 });
      tracker.start('api_call');
      clock.nowMs = 10_000;
      tracker.start('api_call');
      clock.nowMs = 30_010;
      tracker.start('api_call');
      expect(clock.calls).toEqual([30_000, 0]);
    });

    it('is one timer for a burst of work while a beat is due at once', () => {
      const { clock, tracker } = trackerOn(new SpyClock(), { cadence: 'steady' });
      for (let i = 0; i < 1000; i++) tracker.run('api_call', () => (clock.nowMs += 0.001));
      expect(clock.calls).toEqual([0]);
    });

    it('is armed again when work begins on a clock that went back', () => {
      const { clock, tracker } = trackerOn(new SpyClock(5000), { intervalMs: 30_000 });
      tracker.start('api_call').stop();
      clock.nowMs = 0;
      tracker.start('api_call');
      expect(clock.calls).toEqual([30_000, 30_000]);
    });

    it('is armed again when a sender is registered while work runs', () => {
      const { clock, tracker } = trackerOn(new SpyClock(), { intervalMs: 30_000 });
      tracker.start('api_call');
      clock.nowMs = 2000;
      tracker.registerCallback(() => undefined);
      expect(clock.calls).toEqual([30_000, 28_000]);
    });

    it('costs bursts of short work one timer a second at most', () => {
      const { clock, tracker } = trackerOn(new SpyClock(), { intervalMs: 30_000 });
      for (let ms = 0; ms < 10_000; ms += 10) {
        clock.nowMs = ms;
        tracker.start('api_call').stop();
      }
      expect(clock.calls).toHaveLength(10);
    });
  });

  describe('a clock that cannot arm a timer', () => {
    it.each<[string, (tracker: SessionActivityTracker) => unknown]>([
      ['start', (tracker) => tracker.start('tool_exec')],
      ['stop', (tracker) => tracker.stop('tool_exec')],
      ['registration', (tracker) => tracker.registerCallback(() => undefined)],
    ])('is tried again at the next %s', (_, act) => {
      const { clock, tracker, events } = trackerOn(new BreakableClock());
      tracker.start('api_call');
      tracker.start('tool_exec');
      expect(tracker.snapshot()).toMatchObject({ refcount: 2, nextHeartbeatMs: 1000 });
      expect(clock.pendingTimers).toBe(0);
      clock.isBroken = false;
      act(tracker);
      clock.advance(1000);
      expect(events()).toEqual([HEARTBEAT]);
    });

    it('leaves an earlier schedule to fire', () => {
      const { clock, tracker, events } = trackerOn(new BreakableClock());
      clock.isBroken = false;
      tracker.registerCallback(() => new Promise(() => undefined));
      tracker.start('api_call');
      clock.isBroken = true;
      tracker.sendSignal(); // Its deadline cannot be armed.
      clock.isBroken = false;
      clock.advance(1000);
      expect(events()).toContain(HEARTBEAT);
    });

    it('is tried once more at the end of a beat', () => {
      const { clock, tracker, events } = trackerOn(new BreakableClock());
      clock.isBroken = false;
      tracker.registerCallback(() => {
        clock.isBroken = false;
      });
      tracker.start('api_call');
      clock.isBroken = true;
      clock.advance(2000);
      expect(events()).toEqual([HEARTBEAT, HEARTBEAT]);
    });

    it('is tried again when it could not even create one', () => {
      const clock = new ManualClock();
      const broken = jest.spyOn(clock, 'createTimer').mockImplementation(fail);
      const { tracker, events } = trackerOn(clock);
      const activity = tracker.start('api_call');
      expect(activity.reason).toBe('api_call');
      expect(tracker.run('tool_exec', () => 7)).toBe(7);
      expect(tracker.snapshot().refcount).toBe(1);
      broken.mockRestore();
      tracker.start('tool_exec').stop();
      clock.advance(1000);
      expect(events()).toEqual([HEARTBEAT]);
      activity.stop();
      expect(tracker.snapshot().refcount).toBe(0);
    });

    it('does not keep the tracker from being disposed', () => {
      const clock: Clock = {
        now: fail,
        createTimer: () => ({ schedule: () => undefined, cancel: fail }),
      };
      const { tracker, events } = trackerOn(clock);
      tracker.start('api_call');
      tracker.unregisterCallback();
      tracker.dispose();
      expect(events()).toEqual(['session_activity_at_shutdown']);
    });
  });

  describe('a clock that calls back', () => {
    /** Calls `act` when the clock is read for the nth time from now on. */
    function onReading(clock: ManualClock, nth: number, act: () => void): void {
      const now = clock.now.bind(clock);
      let readings = 0;
      jest.spyOn(clock, 'now').mockImplementation(() => {
        if (++readings === nth) act();
        return now();
      });
    }

    it.each([1, 2])('and disposes the tracker at reading %p of a start leaves nothing running', async (nth) => {
      const { clock, tracker } = trackerOn(new ManualClock());
      onReading(clock, nth, () => tracker.dispose());
      tracker.start('api_call').stop();
      await tracker.whenIdle();
      expect(tracker.snapshot()).toMatchObject({ state: 'disposed', refcount: 0 });
      expect(clock.pendingTimers).toBe(0);
    });

    it('and disposes the tracker when a timer fires ends the beat', () => {
      const { clock, tracker, events } = trackerOn(new ManualClock());
      tracker.start('api_call');
      onReading(clock, 1, () => tracker.dispose());
      clock.advance(1000);
      expect(events()).toEqual(['session_activity_at_shutdown']);
    });

    it('and starts work at the last stop keeps the heartbeat', () => {
      const { clock, tracker, events } = trackerOn(new ManualClock());
      const activity = tracker.start('api_call');
      onReading(clock, 1, () => tracker.start('tool_exec'));
      activity.stop();
      clock.advance(1000);
      expect(tracker.snapshot()).toMatchObject({ state: 'busy', refcount: 1 });
      expect(events()).toEqual([HEARTBEAT]);
    });

    it('and disposes the tracker when a sender is registered registers none', () => {
      const { clock, tracker } = trackerOn(new ManualClock());
      onReading(clock, 1, () => tracker.dispose());
      tracker.registerCallback(() => undefined);
      expect(tracker.isTrackingActive).toBe(false);
    });
  });
});

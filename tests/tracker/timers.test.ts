import { describe, expect, it, jest } from '@jest/globals';
import { SessionActivityTracker, StaticKeepaliveGate, type TrackerOptions } from '../../src/index.js';
import { ManualCleanupRegistry, ManualClock, RecordingDiagnosticsLogger } from '../../src/testing/index.js';
import { SpyClock } from '../support/spy-clock.js';

describe('SessionActivityTracker', () => {
  function onSpyClock(options?: TrackerOptions): {
    clock: SpyClock;
    tracker: SessionActivityTracker;
    diagnostics: RecordingDiagnosticsLogger;
  } {
    const clock = new SpyClock();
    const diagnostics = new RecordingDiagnosticsLogger();
    const gate = new StaticKeepaliveGate(true);
    const tracker = new SessionActivityTracker(clock, diagnostics, gate, new ManualCleanupRegistry(), options);
    return { clock, tracker, diagnostics };
  }

  describe('timers', () => {
    it('creates its one timer in the constructor and no other', () => {
      const { clock, tracker } = onSpyClock();
      expect(clock.timers).toHaveLength(1);
      tracker.registerCallback(() => Promise.resolve());
      tracker.start('api_call');
      clock.fireAt(30_000);
      tracker.stop('api_call');
      tracker.dispose();
      expect(clock.timers).toHaveLength(1);
    });

    it.each([-1e6, 0, 1e12])('only differences between readings matter: a clock that begins at %p', (beginMs) => {
      const { clock, tracker, diagnostics } = onSpyClock({ intervalMs: 1000, maxActivityMs: 1500 });
      clock.nowMs = beginMs;
      tracker.registerCallback(() => undefined);
      tracker.start('api_call');
      clock.fireAt(beginMs + 1000);
      clock.fireAt(beginMs + 2000);
      tracker.stop('api_call');
      clock.fireAt(beginMs + 3000);
      expect(clock.calls).toEqual([1000, 1000, 1000]);
      expect(diagnostics.events.map(({ event }) => event)).toEqual([
        'session_keepalive_heartbeat',
        'session_keepalive_heartbeat',
        'session_activity_overdue',
        'session_idle_1s',
      ]);
    });

    it.each([
      ['once, where the timer does not tell it', false, 1],
      ['not at all, where it does', true, 0],
    ])('a beat reads the clock %s, and schedules the next from that reading', (_, isTold, readings) => {
      const { clock, tracker } = onSpyClock();
      tracker.registerCallback(() => undefined);
      clock.nowMs = 5;
      tracker.start('api_call');
      clock.readings = 0;
      clock.fireAt(30_007, isTold);
      expect(clock.readings).toBe(readings);
      expect(clock.calls).toEqual([30_000, 29_998]);
      expect(clock.countedFrom).toEqual([5, 30_007]);
    });

    it.each([0, null, new Date(), { type: 'tick' }, NaN, 29_990, 30_010, Infinity])(
      'a clock that passes %p to its callbacks is read',
      (passed) => {
        const { clock, tracker, diagnostics } = onSpyClock();
        tracker.registerCallback(() => undefined);
        tracker.start('api_call');
        clock.nowMs = 30_000;
        clock.timers[0]?.fire(passed as number);
        expect(diagnostics.events.map(({ event }) => event)).toEqual(['session_keepalive_heartbeat']);
        expect(clock.calls).toEqual([30_000, 30_000]);
      },
    );

    it('a clock that counts from the call is told what is left after a logger took long over a timeout', () => {
      const { clock, tracker, diagnostics } = onSpyClock({ intervalMs: 1000, sendTimeoutMs: 200 });
      jest.spyOn(diagnostics, 'log').mockImplementation((_, event) => {
        if (event === 'session_keepalive_failed') clock.nowMs += 500;
      });
      tracker.registerCallback(() => new Promise(() => undefined));
      tracker.start('api_call');
      clock.fireAt(1000);
      clock.fireAt(1200);
      expect(clock.calls).toEqual([1000, 1000, 200, 300]);
    });

    it('a bounce touches no timer', () => {
      const { clock, tracker } = onSpyClock();
      tracker.registerCallback(() => undefined);
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

    it('an alarm that finds its deadline moved away is set again and does nothing else', () => {
      const { clock, tracker, diagnostics } = onSpyClock({ intervalMs: 1000 });
      tracker.registerCallback(() => undefined);
      tracker.start('api_call').stop();
      clock.nowMs = 400;
      tracker.start('api_call');
      clock.fireAt(1000);
      expect(diagnostics.events).toEqual([]);
      expect(clock.calls).toEqual([1000, 400]);
    });

    it('a timer that fires less than 1 ms early beats, and keeps phase', () => {
      const { clock, tracker, diagnostics } = onSpyClock({ intervalMs: 1000 });
      tracker.registerCallback(() => undefined);
      tracker.start('api_call');
      clock.fireAt(999.5);
      expect(diagnostics.events).toHaveLength(1);
      expect(clock.calls).toEqual([1000, 1000.5]);
    });

    it('a timer that fires 1 ms early does not beat and is set again', () => {
      const { clock, tracker, diagnostics } = onSpyClock({ intervalMs: 1000 });
      tracker.registerCallback(() => undefined);
      tracker.start('api_call');
      clock.fireAt(999);
      expect(diagnostics.events).toEqual([]);
      expect(clock.calls).toEqual([1000, 1]);
    });

    it('is set for what is left when an earlier deadline comes up', () => {
      const { clock, tracker } = onSpyClock({ intervalMs: 1000, idleAfterMs: 100, sendTimeoutMs: 50 });
      tracker.registerCallback(() => new Promise(() => undefined));
      const activity = tracker.start('api_call');
      clock.nowMs = 400;
      activity.stop(); // idle at 500
      clock.nowMs = 420;
      tracker.sendSignal(); // given up at 470
      clock.fireAt(470);
      expect(clock.calls).toEqual([1000, 100, 50, 30]);
    });

    it('is cancelled with the sender, and set again for one that comes later', () => {
      const { clock, tracker } = onSpyClock({ intervalMs: 1000 });
      tracker.registerCallback(() => undefined);
      tracker.start('api_call');
      tracker.unregisterCallback();
      clock.nowMs = 300;
      tracker.registerCallback(() => undefined);
      expect(clock.calls).toEqual([1000, 'cancel', 1000]);
    });

    it('is set for 0 when work resumes a steady rhythm whose beat is overdue', () => {
      const { clock, tracker } = onSpyClock({ intervalMs: 1000, cadence: 'steady', idleAfterMs: 5000 });
      tracker.registerCallback(() => undefined);
      tracker.start('api_call').stop();
      clock.fireAt(1000);
      clock.nowMs = 1500;
      tracker.start('api_call');
      expect(clock.calls).toEqual([1000, 4000, 0]);
    });

    it('fires early for the idle event as for a beat: 1 ms is too early, less is not', () => {
      const { clock, tracker, diagnostics } = onSpyClock({ intervalMs: 1000 });
      tracker.registerCallback(() => undefined);
      tracker.start('api_call').stop();
      clock.fireAt(999);
      expect(diagnostics.events).toEqual([]);
      clock.fireAt(999.5);
      expect(diagnostics.events).toEqual([{ level: 'info', event: 'session_idle_1s' }]);
    });

    it('never has more than one pending timer', () => {
      const clock = new ManualClock();
      const gate = new StaticKeepaliveGate(true);
      const cleanup = new ManualCleanupRegistry();
      const diagnostics = new RecordingDiagnosticsLogger();
      const tracker = new SessionActivityTracker(clock, diagnostics, gate, cleanup, {
        intervalMs: 100,
        idleAfterMs: 30,
      });
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
});

import { describe, expect, it, jest } from '@jest/globals';
import { SessionActivityTracker } from '../../src/index.js';
import {
  createTestTracker,
  ManualCleanupRegistry,
  ManualClock,
  RecordingDiagnosticsLogger,
  SwitchableKeepaliveGate,
} from '../../src/testing/index.js';

describe('createTestTracker', () => {
  describe('wiring', () => {
    it('gives a tracker and the doubles that it works with', () => {
      const { tracker, clock, diagnostics, gate, cleanup } = createTestTracker();
      expect(tracker).toBeInstanceOf(SessionActivityTracker);
      expect(clock).toBeInstanceOf(ManualClock);
      expect(diagnostics).toBeInstanceOf(RecordingDiagnosticsLogger);
      expect(gate).toBeInstanceOf(SwitchableKeepaliveGate);
      expect(cleanup).toBeInstanceOf(ManualCleanupRegistry);
    });

    it('shares nothing between two trackers', () => {
      const one = createTestTracker();
      const other = createTestTracker();
      one.tracker.registerCallback(jest.fn());
      one.tracker.start('api_call');
      one.clock.advance(30_000);
      one.gate.close();
      expect(other.clock.now()).toBe(0);
      expect(other.diagnostics.events).toEqual([]);
      expect(other.gate.isOpen()).toBe(true);
      expect(other.cleanup.size).toBe(0);
      expect(other.tracker.snapshot().refcount).toBe(0);
    });

    it('passes the options on', () => {
      const { tracker, clock, diagnostics } = createTestTracker({ intervalMs: 1000, idleAfterMs: 1500 });
      tracker.registerCallback(jest.fn());
      const activity = tracker.start('api_call');
      clock.advance(1000);
      activity.stop();
      clock.advance(1500);
      expect(diagnostics.events.map(({ event }) => event)).toEqual([
        'session_keepalive_heartbeat',
        'session_idle_1500ms',
      ]);
    });

    it('refuses bad options as the constructor does', () => {
      expect(() => createTestTracker({ intervalMs: 0 })).toThrow(RangeError);
    });

    it("takes the host's own reasons", () => {
      const { tracker } = createTestTracker<'upload' | 'download'>();
      tracker.start('upload');
      expect(tracker.snapshot().active).toEqual({ upload: 1 });
    });
  });

  describe('the doubles drive the tracker', () => {
    it('time, sends, gate, events and shutdown, without waiting for anything', () => {
      const { tracker, clock, diagnostics, gate, cleanup } = createTestTracker();
      const send = jest.fn();
      tracker.registerCallback(send);
      tracker.start('tool_exec');
      expect(clock.pendingTimers).toBe(1);

      clock.advance(60_000);
      expect(send).toHaveBeenCalledTimes(2);

      gate.close();
      clock.advance(30_000);
      expect(send).toHaveBeenCalledTimes(2);

      clock.stall(45_000);
      clock.advance(0);
      expect(tracker.snapshot().lateHeartbeats).toBe(1);

      cleanup.runAll();
      tracker.dispose();
      expect(clock.pendingTimers).toBe(0);
      expect(cleanup.size).toBe(0);
      expect(diagnostics.events).toEqual([
        { level: 'debug', event: 'session_keepalive_heartbeat', data: { refcount: 1 } },
        { level: 'debug', event: 'session_keepalive_heartbeat', data: { refcount: 1 } },
        { level: 'debug', event: 'session_keepalive_heartbeat', data: { refcount: 1 } },
        { level: 'info', event: 'session_keepalive_not_sent', data: { cause: 'gate' } },
        { level: 'warn', event: 'session_keepalive_late', data: { late_ms: 15_000 } },
        { level: 'debug', event: 'session_keepalive_heartbeat', data: { refcount: 1 } },
        {
          level: 'info',
          event: 'session_activity_at_shutdown',
          data: { refcount: 1, active: { tool_exec: 1 }, oldest_activity_ms: 135_000 },
        },
        {
          level: 'info',
          event: 'session_keepalive_summary',
          data: { sent: 2, failed: 0, skipped: 0, withheld: 2, unsent: 0, late: 1 },
        },
      ]);
    });

    it('takes the shutdown report back from the registry on dispose', () => {
      const { tracker, cleanup, diagnostics } = createTestTracker();
      tracker.start('api_call').stop();
      expect(cleanup.size).toBe(1);
      tracker.dispose();
      expect(cleanup.size).toBe(0);
      expect(diagnostics.events).toHaveLength(1);
    });
  });
});

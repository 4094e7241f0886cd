import { describe, expect, it, jest } from '@jest/globals';
import { NOT_SENT } from '../../src/index.js';
import { idleEventName } from '../../src/tracker/events.js';
import { defer } from '../support/deferred.js';
import { observeTracker, REPORT } from '../support/observed-tracker.js';

const LEVELS: Record<string, string> = {
  session_keepalive_heartbeat: 'debug',
  session_idle_1s: 'info',
  session_activity_at_shutdown: 'info',
  session_activity_unmatched_stop: 'warn',
  session_activity_overdue: 'warn',
  session_keepalive_failed: 'warn',
  session_keepalive_recovered: 'info',
  session_keepalive_late: 'warn',
  session_keepalive_not_sent: 'info',
  session_keepalive_summary: 'info',
};

describe('SessionActivityTracker', () => {
  describe('events', () => {
    it('are exactly these in a session that goes through all of them', () => {
      const { tracker, clock, log } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 200, maxActivityMs: 2100 });
      const answers: (() => unknown)[] = [
        () => {
          throw Object.assign(new Error('connect /home/me/socket'), { code: 'ECONNREFUSED', path: '/home/me/socket' });
        },
        () => defer().promise,
        () => undefined,
      ];
      tracker.registerCallback(() => answers.shift()?.());
      tracker.stop('tool_exec');
      tracker.start('api_call');
      clock.advance(2500);
      clock.stall(800.5); // 3300.5
      clock.advance(0);
      tracker.sendSignal();
      tracker.stop('api_call');
      clock.advance(1000);
      tracker.start('tool_exec');
      tracker.start('api_call');
      clock.advance(12.5);
      tracker.dispose();
      expect(log).toEqual([
        [0, 'warn', 'session_activity_unmatched_stop', { reason: 'tool_exec' }],
        [1000, 'debug', 'session_keepalive_heartbeat', { refcount: 1 }],
        [1000, 'warn', 'session_keepalive_failed', { outcome: 'error', error_code: 'ECONNREFUSED' }],
        [2000, 'debug', 'session_keepalive_heartbeat', { refcount: 1 }],
        [3300.5, 'warn', 'session_keepalive_late', { late_ms: 300 }],
        [3300.5, 'debug', 'session_keepalive_heartbeat', { refcount: 1 }],
        [3300.5, 'warn', 'session_activity_overdue', { reason: 'api_call', held_ms: 3300 }],
        [3300.5, 'info', 'session_keepalive_not_sent', { cause: 'overdue' }],
        [3300.5, 'info', 'session_keepalive_recovered', { failures: 2 }],
        [4300.5, 'info', 'session_idle_1s'],
        [
          4313,
          'info',
          'session_activity_at_shutdown',
          { refcount: 2, active: { api_call: 1, tool_exec: 1 }, oldest_activity_ms: 12 },
        ],
        [
          4313,
          'info',
          'session_keepalive_summary',
          { sent: 1, failed: 2, skipped: 0, withheld: 1, unsent: 0, late: 1 },
        ],
      ]);
      for (const [, level, event] of log) expect(level).toBe(LEVELS[String(event)]);
      expect(new Set(log.map(([, , event]) => event))).toEqual(new Set(Object.keys(LEVELS)));
    });

    it('give a timeout as the outcome, with no code', () => {
      const { tracker, clock, log } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 200 });
      tracker.registerCallback(() => defer().promise);
      tracker.sendSignal();
      clock.advance(200);
      expect(log).toEqual([[200, 'warn', 'session_keepalive_failed', { outcome: 'timeout', error_code: null }]]);
    });

    it.each([
      [30_000, 'session_idle_30s'],
      [1000, 'session_idle_1s'],
      [2_147_483_000, 'session_idle_2147483s'],
      [2_147_483_647, 'session_idle_2147483647ms'],
      [30_001, 'session_idle_30001ms'],
      [500, 'session_idle_500ms'],
    ])('carry the idle threshold: %p ms gives %p', (idleAfterMs, name) => {
      expect(idleEventName(idleAfterMs)).toBe(name);
    });
  });

  describe('events of trace', () => {
    const CONFIGURED = { interval_ms: 1000, idle_after_ms: 2000, cadence: 'restart' };

    it('are logged for each start, stop, successful send and sender, at debug level', async () => {
      const { tracker, clock, log } = observeTracker({ intervalMs: 1000, idleAfterMs: 2000, trace: true });
      tracker.registerCallback(() => undefined);
      tracker.start('api_call');
      clock.advance(600.5);
      tracker.start('tool_exec');
      tracker.stop('api_call');
      clock.advance(399.5);
      const { promise, resolve } = defer();
      tracker.registerCallback(() => promise);
      tracker.sendSignal();
      clock.advance(100.5);
      resolve();
      await promise;
      tracker.start('api_call', { signal: AbortSignal.abort() }).stop();
      tracker.unregisterCallback();
      tracker.unregisterCallback();
      tracker.stop('tool_exec');
      expect(log).toEqual([
        [0, 'debug', 'session_sender_registered'],
        [0, 'debug', 'session_tracker_configured', CONFIGURED],
        [0, 'debug', 'session_activity_started', { reason: 'api_call', refcount: 1 }],
        [600.5, 'debug', 'session_activity_started', { reason: 'tool_exec', refcount: 2 }],
        [600.5, 'debug', 'session_activity_stopped', { reason: 'api_call', refcount: 1, held_ms: 600 }],
        [1000, 'debug', 'session_keepalive_heartbeat', { refcount: 1 }],
        [1000, 'debug', 'session_keepalive_sent', { trigger: 'heartbeat', took_ms: 0 }],
        [1000, 'debug', 'session_sender_removed'],
        [1000, 'debug', 'session_sender_registered'],
        [1100.5, 'debug', 'session_keepalive_sent', { trigger: 'signal', took_ms: 100 }],
        [1100.5, 'debug', 'session_sender_removed'],
        [1100.5, 'debug', 'session_activity_stopped', { reason: 'tool_exec', refcount: 0, held_ms: 500 }],
      ]);
    });

    it('are not logged for a send that failed or had nothing to send on', () => {
      const { tracker, named } = observeTracker({ trace: true });
      const answers: (() => unknown)[] = [
        () => NOT_SENT,
        () => {
          throw new Error('failed');
        },
      ];
      tracker.registerCallback(() => answers.shift()?.());
      tracker.sendSignal();
      tracker.sendSignal();
      expect(named('session_keepalive_sent')).toEqual([]);
    });

    it('are logged for the sender that dispose removes, before the report', () => {
      const { tracker, log, send } = observeTracker({ trace: true });
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      log.length = 0;
      tracker.dispose();
      tracker.dispose();
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      expect(log.map(([, , event]) => event)).toEqual(['session_sender_removed', 'session_activity_at_shutdown']);
    });

    it('are not logged for a sender that was never there', () => {
      const { tracker, named } = observeTracker({ trace: true });
      tracker.unregisterCallback();
      tracker.dispose();
      expect(named('session_sender_removed')).toEqual([]);
    });

    it('are not logged for a start whose logger has disposed the tracker by then', () => {
      const { tracker, diagnostics, send } = observeTracker({ trace: true });
      tracker.registerCallback(send);
      const logged: string[] = [];
      jest.spyOn(diagnostics, 'log').mockImplementation((_, event) => {
        logged.push(event);
        if (event === 'session_tracker_configured') tracker.dispose();
      });
      tracker.start('api_call');
      expect(logged).toEqual(['session_tracker_configured', 'session_sender_removed', REPORT]);
    });

    it('are not logged for a registration that an abort listener has undone by then', () => {
      const { tracker, named, send } = observeTracker({ trace: true });
      tracker.registerCallback(({ signal }) => {
        signal.addEventListener('abort', () => {
          tracker.unregisterCallback();
        });
        return new Promise(() => undefined);
      });
      tracker.sendSignal();
      tracker.registerCallback(send);
      expect(named('session_sender_registered')).toHaveLength(1);
      expect(tracker.isTrackingActive).toBe(false);
    });

    it('are neither logged nor built without it', () => {
      const [without, traced] = [false, true].map((trace) => {
        let logged = 0;
        const { tracker, clock, diagnostics, send } = observeTracker({ trace });
        jest.spyOn(diagnostics, 'log').mockImplementation(() => logged++);
        const now = jest.spyOn(clock, 'now');
        tracker.registerCallback(send);
        tracker.start('api_call').stop();
        tracker.sendSignal();
        tracker.unregisterCallback();
        return { logged, readings: now.mock.calls.length };
      });
      expect(without?.logged).toBe(0);
      // The duration of a send costs two readings of the clock.
      expect(without?.readings).toBe((traced?.readings ?? 0) - 2);
    });
  });
});

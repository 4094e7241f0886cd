import { describe, expect, it } from '@jest/globals';
import { idleEventName } from '../../src/tracker/events.js';
import { defer } from '../support/deferred.js';
import { observeTracker } from '../support/observed-tracker.js';

const LEVELS: Record<string, string> = {
  session_keepalive_heartbeat: 'debug',
  session_idle_1s: 'info',
  session_activity_at_shutdown: 'info',
  session_activity_unmatched_stop: 'warn',
  session_activity_overdue: 'warn',
  session_keepalive_failed: 'warn',
  session_keepalive_recovered: 'info',
  session_keepalive_late: 'warn',
};

describe('events', () => {
  it('a session that goes through all of them logs exactly these', () => {
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
      [3300.5, 'info', 'session_keepalive_recovered', { failures: 2 }],
      [4300.5, 'info', 'session_idle_1s'],
      [
        4313,
        'info',
        'session_activity_at_shutdown',
        { refcount: 2, active: { api_call: 1, tool_exec: 1 }, oldest_activity_ms: 12 },
      ],
    ]);
    for (const [, level, event] of log) expect(level).toBe(LEVELS[String(event)]);
    expect(new Set(log.map(([, , event]) => event))).toEqual(new Set(Object.keys(LEVELS)));
  });

  it('a timeout is logged with the outcome timeout and no code', () => {
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
  ])('the idle event of %p ms carries its threshold: %p', (idleAfterMs, name) => {
    expect(idleEventName(idleAfterMs)).toBe(name);
  });
});

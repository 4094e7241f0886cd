import { describe, expect, it, jest } from '@jest/globals';
import type { SessionActivityTracker } from '../../src/index.js';
import { defer } from '../support/deferred.js';
import { HEARTBEAT, LATE, observeTracker, OVERDUE, REPORT, SUMMARY } from '../support/observed-tracker.js';

const END: Record<string, (tracker: SessionActivityTracker) => void> = {
  'stops the last activity': (tracker) => {
    tracker.stop('api_call');
  },
  'removes the sender': (tracker) => {
    tracker.unregisterCallback();
  },
  'disposes the tracker': (tracker) => {
    tracker.dispose();
  },
};

describe('SessionActivityTracker', () => {
  describe('called back by a port or a sender', () => {
    it('shows the logger of every event a state that is up to date', () => {
      const options = { intervalMs: 1000, sendTimeoutMs: 100, maxActivityMs: 1500 };
      const { tracker, clock, diagnostics } = observeTracker(options);
      const seen: Record<string, unknown> = {};
      jest.spyOn(diagnostics, 'log').mockImplementation((_, event) => {
        const { refcount, nextHeartbeatMs, lateHeartbeats, keepalives } = tracker.snapshot();
        seen[event] ??= { refcount, nextHeartbeatMs, lateHeartbeats, sent: keepalives.sent, failed: keepalives.failed };
      });
      const answers = [defer().promise, undefined];
      tracker.registerCallback(() => answers.shift());
      tracker.start('api_call');
      clock.advance(1200); // Failed at 1100.
      tracker.sendSignal(); // Recovered.
      clock.stall(1000); // 200 late.
      clock.advance(0);
      tracker.stop('api_call');
      clock.advance(1000);
      tracker.dispose();
      expect(seen).toEqual({
        [HEARTBEAT]: { refcount: 1, nextHeartbeatMs: 1000, lateHeartbeats: 0, sent: 0, failed: 0 },
        session_keepalive_failed: { refcount: 1, nextHeartbeatMs: 900, lateHeartbeats: 0, sent: 0, failed: 1 },
        session_keepalive_recovered: { refcount: 1, nextHeartbeatMs: 800, lateHeartbeats: 0, sent: 1, failed: 1 },
        [LATE]: { refcount: 1, nextHeartbeatMs: 1000, lateHeartbeats: 1, sent: 1, failed: 1 },
        [OVERDUE]: { refcount: 1, nextHeartbeatMs: 1000, lateHeartbeats: 1, sent: 1, failed: 1 },
        session_keepalive_not_sent: { refcount: 1, nextHeartbeatMs: 1000, lateHeartbeats: 1, sent: 1, failed: 1 },
        session_idle_1s: { refcount: 0, nextHeartbeatMs: null, lateHeartbeats: 1, sent: 1, failed: 1 },
        [REPORT]: { refcount: 0, nextHeartbeatMs: null, lateHeartbeats: 1, sent: 1, failed: 1 },
        [SUMMARY]: { refcount: 0, nextHeartbeatMs: null, lateHeartbeats: 1, sent: 1, failed: 1 },
      });
    });

    it('sends to the sender that the logger of the heartbeat has just registered', () => {
      const { tracker, clock, diagnostics, send, sends } = observeTracker({ intervalMs: 1000 });
      const replaced = jest.fn();
      tracker.registerCallback(replaced);
      tracker.start('api_call');
      jest.spyOn(diagnostics, 'log').mockImplementation(() => {
        tracker.registerCallback(send);
      });
      clock.advance(1000);
      expect(sends).toHaveLength(1);
      expect(replaced).not.toHaveBeenCalled();
    });

    it.each([LATE, HEARTBEAT, OVERDUE, 'gate'])(
      'does not send a heartbeat whose %s began another schedule',
      (where) => {
        const { tracker, clock, diagnostics, gate, send, sends } = observeTracker({
          intervalMs: 1000,
          maxActivityMs: 2100,
        });
        const beginAnew = jest.fn(() => {
          tracker.unregisterCallback();
          tracker.registerCallback(send);
        });
        jest.spyOn(diagnostics, 'log').mockImplementation((_, event) => {
          if (event === where) beginAnew();
        });
        jest.spyOn(gate, 'isOpen').mockImplementation(() => {
          if (where === 'gate' && beginAnew.mock.calls.length === 0) beginAnew();
          return true;
        });
        tracker.registerCallback(send);
        tracker.start('api_call');
        clock.stall(2200);
        tracker.start('tool_exec'); // Not overdue.
        clock.advance(0);
        expect(beginAnew).toHaveBeenCalledTimes(1);
        expect(sends).toEqual([]);
      },
    );

    it.each(Object.keys(END))('ends a beat at once when the logger of its lateness %s', (how) => {
      const { tracker, clock, diagnostics, send, sends } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      const log = jest.spyOn(diagnostics, 'log').mockImplementation((_, event) => {
        if (event === LATE) END[how]?.(tracker);
      });
      clock.stall(1500);
      clock.advance(0);
      expect(log.mock.calls.map(([, event]) => event)).not.toContain(HEARTBEAT);
      expect(sends).toEqual([]);
      expect(tracker.snapshot().keepalives.withheld).toBe(0);
    });

    it('withholds nothing when the logger of a heartbeat stops the last activity', () => {
      const { tracker, clock, diagnostics, send, sends } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      const log = jest.spyOn(diagnostics, 'log').mockImplementation((_, event) => {
        if (event === HEARTBEAT) tracker.stop('api_call');
      });
      clock.advance(1000);
      expect(log.mock.calls.map(([, event]) => event)).toEqual([HEARTBEAT]);
      expect(sends).toEqual([]);
      expect(tracker.snapshot().keepalives.withheld).toBe(0);
    });

    it.each(['removes the sender', 'disposes the tracker'])('neither counts nor logs a beat whose gate %s', (how) => {
      const { tracker, clock, gate, send, named } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      jest.spyOn(gate, 'isOpen').mockImplementation(() => {
        END[how]?.(tracker);
        return false;
      });
      clock.advance(1000);
      expect(named('session_keepalive_not_sent')).toEqual([]);
      expect(tracker.snapshot().keepalives.withheld).toBe(0);
    });

    it('leaves an activity stopped that the clock stops while it is touched', () => {
      const { tracker, clock } = observeTracker({ maxSilenceMs: 1000 });
      const activity = tracker.start('api_call');
      const now = jest.spyOn(clock, 'now').mockImplementationOnce(() => {
        activity.stop();
        return 0;
      });
      activity.touch();
      activity.stop();
      expect(now).toHaveBeenCalled();
      expect(tracker.snapshot().refcount).toBe(0);
    });

    it('sends no signal when the gate removes the sender, though it is open', () => {
      const { tracker, gate, send, sends } = observeTracker();
      tracker.registerCallback(send);
      jest.spyOn(gate, 'isOpen').mockImplementation(() => {
        tracker.unregisterCallback();
        return true;
      });
      tracker.sendSignal();
      expect(sends).toEqual([]);
    });

    it('reports an activity on a later beat if the report of another one cut the beat short', () => {
      const { tracker, clock, diagnostics } = observeTracker({ intervalMs: 1000, maxActivityMs: 1500 });
      const reported: unknown[] = [];
      jest.spyOn(diagnostics, 'log').mockImplementation((_level, event, data) => {
        if (event !== OVERDUE) return;
        reported.push([clock.now(), data?.['reason']]);
        if (reported.length === 1) tracker.unregisterCallback();
      });
      tracker.registerCallback(() => undefined);
      tracker.start('api_call');
      tracker.start('tool_exec');
      clock.advance(2000);
      tracker.registerCallback(() => undefined);
      clock.advance(1000);
      expect(reported).toEqual([
        [2000, 'api_call'],
        [3000, 'tool_exec'],
      ]);
    });

    it('gives a send the counts of its moment, with what the gate has just started', () => {
      const { tracker, gate, send, sends } = observeTracker();
      tracker.registerCallback(send);
      jest.spyOn(gate, 'isOpen').mockImplementation(() => Boolean(tracker.start('api_call')));
      tracker.sendSignal();
      expect(sends[0]?.keepalive).toMatchObject({ refcount: 1, active: { api_call: 1 } });
    });

    it('lets the abort listener of a timed-out send make the next one', () => {
      const { tracker, clock } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 100 });
      let calls = 0;
      tracker.registerCallback(({ signal }) => {
        if (calls++ > 0) return undefined;
        signal.addEventListener('abort', () => {
          tracker.sendSignal();
        });
        return defer().promise;
      });
      tracker.sendSignal();
      clock.advance(100);
      expect(tracker.snapshot().keepalives).toMatchObject({ sent: 1, failed: 1, skipped: 0 });
    });

    it.each(['throws', 'returns a promise'])('counts nothing when a sender disposes the tracker and %s', (how) => {
      const { tracker, clock, log } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(() => {
        tracker.dispose();
        if (how === 'throws') throw new Error('after dispose');
        return defer().promise;
      });
      tracker.start('api_call');
      clock.advance(1000);
      expect(clock.pendingTimers).toBe(0);
      expect(log.map(([, , event]) => event)).toEqual([HEARTBEAT, REPORT, SUMMARY]);
      expect(tracker.snapshot().keepalives).toMatchObject({ sent: 0, failed: 0 });
    });

    it('registers and starts nothing for an abort listener that dispose calls', () => {
      const { tracker, clock, cleanup, named, send } = observeTracker();
      tracker.registerCallback(({ signal }) => {
        signal.addEventListener('abort', () => {
          tracker.registerCallback(send);
          tracker.start('api_call');
          cleanup.runAll();
        });
        return defer().promise;
      });
      tracker.start('api_call');
      tracker.sendSignal();
      tracker.dispose();
      expect(tracker.snapshot()).toMatchObject({ tracking: false, refcount: 0 });
      expect([clock.pendingTimers, cleanup.size]).toEqual([0, 0]);
      expect(named(REPORT).map(([, , , data]) => data)).toMatchObject([{ refcount: 1, active: { api_call: 1 } }]);
    });
  });
});

import { describe, expect, it, jest } from '@jest/globals';
import { defer } from '../support/deferred.js';
import { HEARTBEAT, LATE, observeTracker, OVERDUE, REPORT } from '../support/observed-tracker.js';

describe('SessionActivityTracker', () => {
  describe('called back', () => {
    it('a beat whose event made the logger replace the sender goes to the new one', () => {
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

    it.each(['late', 'heartbeat', 'gate'])('a beat whose %s began the rhythm anew is not sent', (which) => {
      const { tracker, clock, diagnostics, gate, send, sends } = observeTracker({ intervalMs: 1000 });
      let isFirst = true;
      const beginAnew = (): boolean => {
        if (isFirst) {
          tracker.unregisterCallback();
          tracker.registerCallback(send);
        }
        isFirst = false;
        return true;
      };
      jest.spyOn(diagnostics, 'log').mockImplementation((_, event) => {
        if (event === `session_keepalive_${which}`) beginAnew();
      });
      jest.spyOn(gate, 'isOpen').mockImplementation(() => which !== 'gate' || beginAnew());
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.stall(1200);
      clock.advance(1000);
      expect(sends.map(({ atMs }) => atMs)).toEqual([2200]);
    });

    it('a beat whose event began the rhythm anew finds nothing overdue: the next one does', () => {
      const { tracker, clock, diagnostics, send } = observeTracker({ intervalMs: 1000, maxActivityMs: 500 });
      const overdueAt: number[] = [];
      jest.spyOn(diagnostics, 'log').mockImplementation((_, event) => {
        if (event === OVERDUE) overdueAt.push(clock.now());
        if (event !== HEARTBEAT || clock.now() > 1000) return;
        tracker.unregisterCallback();
        tracker.registerCallback(send);
      });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(2000);
      expect(overdueAt).toEqual([2000]);
    });

    it('a steady beat whose event paused the work is sent: the rhythm goes on', () => {
      const { tracker, clock, diagnostics, send, sends } = observeTracker({ intervalMs: 1000, cadence: 'steady' });
      jest.spyOn(diagnostics, 'log').mockImplementation(() => {
        tracker.stop('api_call');
        tracker.start('api_call');
      });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(2000);
      expect(sends.map(({ atMs }) => atMs)).toEqual([1000, 2000]);
    });

    it('a send tells what the gate has just started', () => {
      const { tracker, gate, send, sends } = observeTracker();
      tracker.registerCallback(send);
      jest.spyOn(gate, 'isOpen').mockImplementation(() => Boolean(tracker.start('api_call')));
      tracker.sendSignal();
      expect(sends[0]?.keepalive).toMatchObject({ refcount: 1, active: { api_call: 1 } });
    });

    it('a signal is sent even where the gate stopped the last activity', () => {
      const { tracker, gate, send, sends } = observeTracker();
      tracker.registerCallback(send);
      tracker.start('api_call');
      jest.spyOn(gate, 'isOpen').mockImplementation(() => {
        tracker.stop('api_call');
        return true;
      });
      tracker.sendSignal();
      expect(sends[0]?.keepalive.refcount).toBe(0);
    });

    it('a beat that its own event made the last is withheld from nobody', () => {
      const { tracker, clock, diagnostics, send } = observeTracker({ intervalMs: 1000, maxActivityMs: 500 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      jest.spyOn(diagnostics, 'log').mockImplementation((_, event) => {
        if (event === HEARTBEAT) tracker.stop('api_call');
      });
      clock.advance(1000);
      expect(tracker.snapshot().keepalives.withheld).toBe(0);
    });

    it('the idle event finds the tracker at rest: work that its logger starts beats an interval later', () => {
      const { tracker, clock, diagnostics, log, send, sends } = observeTracker({ intervalMs: 1000, cadence: 'steady' });
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      const record = jest.spyOn(diagnostics, 'log').mockImplementation(() => {
        record.mockImplementation((...args) => log.push([clock.now(), ...args]));
        tracker.start('api_call');
      });
      clock.advance(2000);
      expect(sends.map(({ atMs }) => atMs)).toEqual([2000]);
    });

    it('an unmatched stop may start the very activity it missed', () => {
      const { tracker, diagnostics } = observeTracker();
      jest.spyOn(diagnostics, 'log').mockImplementation(() => {
        tracker.start('api_call');
      });
      tracker.stop('api_call');
      expect(tracker.snapshot().refcount).toBe(1);
    });

    it('a timed-out send no longer blocks what its abort listener sends', () => {
      const { tracker, clock } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 100 });
      const triggers: string[] = [];
      tracker.registerCallback(({ signal, trigger }) => {
        triggers.push(trigger);
        if (triggers.length > 1) return undefined;
        signal.addEventListener('abort', () => {
          tracker.sendSignal();
        });
        return defer().promise;
      });
      tracker.sendSignal();
      clock.advance(100);
      expect(triggers).toEqual(['signal', 'signal']);
      expect(tracker.snapshot().keepalives).toEqual({ sent: 1, failed: 1, skipped: 0, withheld: 0 });
    });

    it.each(['unregister', 'dispose'])('a send is not made where the timeout before it made the logger %s', (act) => {
      const { tracker, clock, diagnostics, cleanup } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 100 });
      const send = jest.fn(() => defer().promise);
      tracker.registerCallback(send);
      tracker.sendSignal();
      jest.spyOn(diagnostics, 'log').mockImplementation(() => {
        if (act === 'dispose') tracker.dispose();
        else tracker.unregisterCallback();
      });
      clock.stall(100);
      tracker.sendSignal();
      expect(send).toHaveBeenCalledTimes(1);
      expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 1, skipped: 0, withheld: 0 });
      expect([clock.pendingTimers, cleanup.size]).toEqual([0, 0]);
    });

    it.each(['stop', 'unregister', 'dispose'])('a late beat whose event made the logger %s is no beat', (act) => {
      const { tracker, clock, diagnostics, log, send, sends } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      const record = jest.spyOn(diagnostics, 'log').mockImplementation((...args) => {
        log.push([clock.now(), ...args]);
        record.mockImplementation(() => undefined);
        if (act === 'stop') tracker.stop('api_call');
        else if (act === 'unregister') tracker.unregisterCallback();
        else tracker.dispose();
      });
      clock.stall(1500);
      clock.advance(0);
      expect(log.map(([, , event]) => event)).toEqual([LATE]);
      expect(record.mock.calls.map(([, event]) => event)).not.toContain(HEARTBEAT);
      expect(sends).toEqual([]);
    });

    it('nothing more is logged of a beat once the logger has disposed the tracker', () => {
      const { tracker, clock, diagnostics, send } = observeTracker({ intervalMs: 1000, maxActivityMs: 10 });
      const events: string[] = [];
      jest.spyOn(diagnostics, 'log').mockImplementation((_, event) => {
        events.push(event);
        if (event === OVERDUE) tracker.dispose();
      });
      tracker.registerCallback(send);
      tracker.start('api_call');
      tracker.start('tool_exec');
      clock.advance(1000);
      expect(events).toEqual([HEARTBEAT, OVERDUE, REPORT]);
      expect(tracker.snapshot().keepalives.withheld).toBe(0);
    });

    it.each(['throws', 'returns a promise'])(
      'a sender that disposes the tracker and then %s leaves no trace',
      (how) => {
        const { tracker, clock, named } = observeTracker({ intervalMs: 1000 });
        tracker.registerCallback(() => {
          tracker.dispose();
          if (how === 'throws') throw new Error('after dispose');
          return defer().promise;
        });
        tracker.start('api_call');
        clock.advance(1000);
        expect(clock.pendingTimers).toBe(0);
        expect(named('session_keepalive_failed')).toEqual([]);
        expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 0, skipped: 0, withheld: 0 });
      },
    );

    it('an abort listener that registers on dispose registers nothing', () => {
      const { tracker, clock, send } = observeTracker();
      tracker.registerCallback(({ signal }) => {
        signal.addEventListener('abort', () => {
          tracker.registerCallback(send);
          tracker.start('api_call');
        });
        return defer().promise;
      });
      tracker.start('api_call');
      tracker.sendSignal();
      tracker.dispose();
      expect(tracker.snapshot()).toMatchObject({ tracking: false, refcount: 0 });
      expect(clock.pendingTimers).toBe(0);
    });
  });
});

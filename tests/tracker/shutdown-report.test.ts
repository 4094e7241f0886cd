import { describe, expect, it, jest } from '@jest/globals';
import { type Cleanup, NOT_SENT, type SessionActivityReason } from '../../src/index.js';
import { observeTracker, type ObservedTracker, REPORT, SUMMARY } from '../support/observed-tracker.js';

const NONE_RUNNING = { refcount: 0, active: {}, oldest_activity_ms: null };

describe('SessionActivityTracker', () => {
  describe('shutdown report', () => {
    it('has what still runs and the age of the busy period when the registry runs it', () => {
      const { tracker, clock, cleanup, log } = observeTracker();
      const first = tracker.start('api_call');
      clock.advance(10.75);
      tracker.start('tool_exec');
      tracker.start('api_call');
      first.stop();
      cleanup.runAll();
      const active = { tool_exec: 1, api_call: 1 };
      expect(log).toEqual([[10.75, 'info', REPORT, { refcount: 2, active, oldest_activity_ms: 10 }]]);
    });

    it('has the same at dispose', () => {
      const { tracker, clock, log } = observeTracker();
      tracker.start('api_call');
      clock.advance(1234);
      tracker.dispose();
      expect(log).toEqual([[1234, 'info', REPORT, { refcount: 1, active: { api_call: 1 }, oldest_activity_ms: 1234 }]]);
    });

    it('has null for the age when nothing runs', () => {
      const { tracker, cleanup, log } = observeTracker();
      tracker.start('api_call').stop();
      cleanup.runAll();
      expect(log).toEqual([[0, 'info', REPORT, NONE_RUNNING]]);
    });

    it('is logged once: the registry first, then dispose', () => {
      const { tracker, cleanup, named } = observeTracker();
      tracker.start('api_call');
      cleanup.runAll();
      tracker.dispose();
      expect(named(REPORT)).toHaveLength(1);
    });

    it('is logged once: dispose first, then a registry that runs what was unregistered', () => {
      const { tracker, cleanup, named } = observeTracker();
      const cleanups: Cleanup[] = [];
      jest.spyOn(cleanup, 'register').mockImplementation((given) => {
        cleanups.push(given);
        return () => undefined;
      });
      tracker.start('api_call');
      tracker.dispose();
      cleanups.forEach((each) => each());
      expect(cleanups).toHaveLength(1);
      expect(named(REPORT)).toHaveLength(1);
    });

    it('is logged once: a registry that runs its cleanups twice', () => {
      const { tracker, cleanup, named } = observeTracker();
      const register = jest.spyOn(cleanup, 'register');
      tracker.start('api_call');
      const [given] = register.mock.calls[0] ?? [];
      given?.();
      tracker.start('api_call');
      given?.();
      tracker.dispose();
      expect(named(REPORT)).toHaveLength(1);
    });

    it('is logged once: a registry that runs the cleanup while it registers it', () => {
      const { tracker, cleanup, log } = observeTracker();
      jest.spyOn(cleanup, 'register').mockImplementation((given) => {
        given();
        return () => undefined;
      });
      tracker.start('api_call');
      tracker.dispose();
      expect(log).toEqual([[0, 'info', REPORT, { refcount: 1, active: { api_call: 1 }, oldest_activity_ms: 0 }]]);
    });

    it('is logged once and unregistered when the registry disposes the tracker while it registers', () => {
      const { tracker, cleanup, named } = observeTracker();
      const unregister = jest.fn();
      jest.spyOn(cleanup, 'register').mockImplementation((given) => {
        tracker.dispose();
        given();
        return unregister;
      });
      const activity = tracker.start('api_call');
      activity.stop();
      expect(unregister).toHaveBeenCalledTimes(1);
      expect(named(REPORT)).toHaveLength(1);
      expect(tracker.snapshot().refcount).toBe(0);
    });

    it('is logged once when the logger disposes the tracker while it logs it', () => {
      const { tracker, cleanup, diagnostics, log } = observeTracker();
      jest.spyOn(diagnostics, 'log').mockImplementation((...args) => {
        log.push([0, ...args]);
        tracker.dispose();
      });
      tracker.start('api_call');
      cleanup.runAll();
      expect(log).toHaveLength(1);
      expect(cleanup.size).toBe(0);
    });

    it('does not end the tracking', () => {
      const { tracker, cleanup, send, sends, clock } = observeTracker();
      tracker.registerCallback(send);
      tracker.start('api_call');
      cleanup.runAll();
      clock.advance(30_000);
      expect(tracker.snapshot().refcount).toBe(1);
      expect(sends).toHaveLength(1);
    });

    it.each([
      [
        'throws',
        (): never => {
          throw new Error('full');
        },
      ],
      ['returns no function', () => undefined as never],
      ['returns a promise that rejects', () => Promise.reject(new Error('full')) as never],
    ])('is left to dispose when the registry %s', async (_, register) => {
      const { tracker, cleanup, log } = observeTracker();
      const spy = jest.spyOn(cleanup, 'register').mockImplementation(register);
      const activity = tracker.start('api_call');
      tracker.start('api_call');
      expect(spy).toHaveBeenCalledTimes(1);
      expect(tracker.snapshot().refcount).toBe(2);
      activity.stop();
      tracker.dispose();
      await new Promise(setImmediate);
      expect(log).toEqual([[0, 'info', REPORT, { refcount: 1, active: { api_call: 1 }, oldest_activity_ms: 0 }]]);
    });
  });

  describe('keep-alive summary', () => {
    it('follows the report directly, if a keep-alive was ever due', () => {
      const { tracker, clock, gate, log } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 100 });
      const answers = [undefined, NOT_SENT, new Promise(() => undefined)];
      tracker.registerCallback(() => answers.shift());
      tracker.start('api_call');
      clock.advance(3000);
      tracker.sendSignal(); // Skipped.
      gate.close();
      clock.stall(1500);
      clock.advance(0); // Late and withheld.
      log.length = 0;
      tracker.dispose();
      expect(log).toEqual([
        [4500, 'info', REPORT, { refcount: 1, active: { api_call: 1 }, oldest_activity_ms: 4500 }],
        [4500, 'info', SUMMARY, { sent: 1, failed: 1, skipped: 1, withheld: 1, unsent: 1, late: 1 }],
      ]);
    });

    it('is logged by the registry as by dispose, and once', () => {
      const { tracker, cleanup, send, log } = observeTracker();
      tracker.registerCallback(send);
      tracker.start('api_call').stop();
      tracker.sendSignal();
      cleanup.runAll();
      tracker.dispose();
      expect(log.map(([, , event]) => event)).toEqual([REPORT, SUMMARY]);
    });

    it.each<[string, (kit: ObservedTracker<SessionActivityReason>) => void]>([
      ['a beat', ({ clock }) => clock.advance(30_000)],
      ['a signal', ({ tracker }) => tracker.sendSignal()],
    ])('counts %s that the gate withheld as due', (_, act) => {
      const kit = observeTracker();
      kit.gate.close();
      kit.tracker.registerCallback(kit.send);
      kit.tracker.start('api_call');
      act(kit);
      kit.tracker.dispose();
      expect(kit.named(SUMMARY)).toMatchObject([[kit.clock.now(), 'info', SUMMARY, { sent: 0, withheld: 1 }]]);
    });

    it('is left out if none was due: no beat yet, and a signal without a sender', () => {
      const { tracker, clock, send, named } = observeTracker();
      tracker.sendSignal();
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(29_999);
      tracker.dispose();
      expect(named(SUMMARY)).toEqual([]);
    });

    it('is left out with the report if no activity was ever started', () => {
      const { tracker, send, log } = observeTracker();
      tracker.registerCallback(send);
      tracker.sendSignal();
      tracker.dispose();
      expect(log).toEqual([]);
    });
  });
});

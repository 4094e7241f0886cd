import { describe, expect, it, jest } from '@jest/globals';
import { defer } from '../support/deferred.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { HEARTBEAT, observeTracker, REPORT } from '../support/observed-tracker.js';

describe('SessionActivityTracker', () => {
  describe('dispose', () => {
    it('clears the timer, drops the sender and unregisters the cleanup', () => {
      const { tracker, clock, cleanup, send, sends, timesOf } = observeTracker();
      tracker.registerCallback(send);
      tracker.start('api_call');
      tracker.dispose();
      expect(clock.pendingTimers).toBe(0);
      expect(cleanup.size).toBe(0);
      expect(tracker.isTrackingActive).toBe(false);
      clock.advance(90_000);
      expect(timesOf(HEARTBEAT)).toEqual([]);
      expect(sends).toEqual([]);
    });

    it('aborts a pending send, whose settlement changes nothing any more', async () => {
      const { tracker, clock, named } = observeTracker();
      const { promise, reject } = defer();
      let signal: AbortSignal | undefined;
      tracker.registerCallback((keepalive) => {
        signal = keepalive.signal;
        return promise;
      });
      tracker.sendSignal();
      tracker.dispose();
      expect(signal?.aborted).toBe(true);
      expect(clock.pendingTimers).toBe(0);
      reject(new Error('aborted'));
      await eventLoopTurn();
      expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 0, skipped: 0, withheld: 0, unsent: 0 });
      expect(named('session_keepalive_failed')).toEqual([]);
    });

    it('resolves whenIdle waiters', async () => {
      const { tracker } = observeTracker();
      tracker.start('api_call');
      const waiting = Promise.all([tracker.whenIdle(), tracker.whenIdle({ signal: new AbortController().signal })]);
      tracker.dispose();
      expect(await waiting).toEqual([undefined, undefined]);
    });

    it('is idempotent, and [Symbol.dispose] does the same', () => {
      const { tracker, cleanup, log } = observeTracker();
      const unregister = jest.fn();
      jest.spyOn(cleanup, 'register').mockReturnValue(unregister);
      {
        using same = tracker;
        same.start('api_call');
      }
      expect(unregister).toHaveBeenCalledTimes(1);
      tracker.dispose();
      tracker[Symbol.dispose]();
      expect(unregister).toHaveBeenCalledTimes(1);
      expect(log).toHaveLength(1);
    });

    it('hands its own parts to no function of the host as `this`', () => {
      const { tracker, cleanup } = observeTracker();
      const receivers: unknown[] = [];
      const note = function (this: unknown): void {
        receivers.push(this);
      };
      jest.spyOn(cleanup, 'register').mockReturnValue(note);
      tracker.registerCallback(note);
      tracker.start('api_call');
      tracker.sendSignal();
      tracker.dispose();
      expect(receivers).toEqual([undefined, undefined]);
    });

    it('logs nothing when the tracker never started an activity', () => {
      const { tracker, send, log } = observeTracker();
      tracker.registerCallback(send);
      tracker.stop('api_call');
      log.length = 0;
      tracker.dispose();
      expect(log).toEqual([]);
    });

    it('takes no argument, so that a container calls it', () => {
      expect(observeTracker().tracker).toHaveProperty('dispose.length', 0);
    });

    it('never throws, whatever the ports do', () => {
      const { tracker, diagnostics, cleanup, log } = observeTracker();
      const fail = (): never => {
        throw new Error('port');
      };
      jest.spyOn(cleanup, 'register').mockReturnValue(fail);
      jest.spyOn(diagnostics, 'log').mockImplementation(fail);
      tracker.registerCallback(({ signal }) => {
        signal.addEventListener('abort', () => log.push([0, 'aborted']));
        return defer().promise;
      });
      tracker.start('api_call');
      tracker.sendSignal();
      expect(() => {
        tracker.dispose();
      }).not.toThrow();
      expect(log).toEqual([[0, 'aborted']]);
    });
  });

  describe('after dispose', () => {
    function disposed(): ReturnType<typeof observeTracker> {
      const kit = observeTracker();
      kit.tracker.registerCallback(kit.send);
      kit.tracker.start('api_call');
      kit.tracker.dispose();
      kit.log.length = 0;
      return kit;
    }

    it('returns an inert handle from start', () => {
      const { tracker, clock, cleanup, log } = disposed();
      const activity = tracker.start('tool_exec');
      expect(activity.reason).toBe('tool_exec');
      expect(tracker.snapshot()).toMatchObject({ refcount: 0, active: {}, busyMs: null, oldestActivityMs: null });
      activity.stop();
      activity[Symbol.dispose]();
      expect(tracker.snapshot().refcount).toBe(0);
      expect({ timers: clock.pendingTimers, cleanups: cleanup.size, log }).toEqual({ timers: 0, cleanups: 0, log: [] });
    });

    it('registers no cleanup at a start', () => {
      const { tracker, cleanup, log } = observeTracker();
      const register = jest.spyOn(cleanup, 'register');
      tracker.dispose();
      tracker.start('api_call');
      expect(register).not.toHaveBeenCalled();
      expect(log).toEqual([]);
    });

    it('logs nothing for a handle from before', () => {
      const { tracker, log } = observeTracker();
      const activity = tracker.start('api_call');
      tracker.dispose();
      log.length = 0;
      activity.stop();
      expect(tracker.snapshot().refcount).toBe(0);
      expect(log).toEqual([]);
    });

    it('logs nothing for a stop', () => {
      const { tracker, log } = disposed();
      tracker.stop('api_call');
      tracker.stop('tool_exec');
      expect(log).toEqual([]);
    });

    it('still runs the work of run', async () => {
      const { tracker, log } = disposed();
      expect(tracker.run('api_call', () => 7)).toBe(7);
      expect(await tracker.run('api_call', () => Promise.resolve(8))).toBe(8);
      const error = new Error('work');
      await expect(tracker.run('api_call', () => Promise.reject(error))).rejects.toBe(error);
      expect(log).toEqual([]);
    });

    it('registers nothing and arms no timer', () => {
      const { tracker, clock, send, sends } = disposed();
      const registration = tracker.registerCallback(send);
      expect(tracker.isTrackingActive).toBe(false);
      tracker.start('api_call').stop();
      tracker.sendSignal();
      registration.unregister();
      registration[Symbol.dispose]();
      tracker.unregisterCallback();
      expect(clock.pendingTimers).toBe(0);
      expect(sends).toEqual([]);
      expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 0, skipped: 0, withheld: 0, unsent: 0 });
    });

    it('resolves whenIdle', async () => {
      const { tracker } = disposed();
      tracker.start('api_call');
      await expect(tracker.whenIdle()).resolves.toBeUndefined();
    });

    it('still throws a TypeError for bad arguments', () => {
      const { tracker } = disposed();
      expect(() => tracker.start('')).toThrow(TypeError);
      expect(() => tracker.registerCallback(null as never)).toThrow(TypeError);
    });

    it('logs no second report', () => {
      const { tracker, named, cleanup } = disposed();
      tracker.start('api_call');
      tracker.dispose();
      cleanup.runAll();
      expect(named(REPORT)).toEqual([]);
    });
  });
});

import { describe, expect, it, jest } from '@jest/globals';
import { defer } from '../support/deferred.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { hangingSender } from '../support/hanging-sender.js';
import { FAILED, HEARTBEAT, NOT_SENT_EVENT, observeTracker } from '../support/observed-tracker.js';

describe('SessionActivityTracker', () => {
  describe('sending', () => {
    it('gives the sender one argument with trigger, counts and signal', () => {
      const { tracker, clock } = observeTracker({ intervalMs: 1000 });
      const calls: unknown[][] = [];
      tracker.registerCallback((...args: unknown[]) => {
        calls.push(args);
      });
      tracker.sendSignal();
      tracker.start('api_call');
      tracker.start('tool_exec');
      clock.advance(1000);
      const signal = expect.any(AbortSignal) as unknown;
      expect(calls).toEqual([
        [{ trigger: 'signal', refcount: 0, active: {}, signal }],
        [{ trigger: 'heartbeat', refcount: 2, active: { api_call: 1, tool_exec: 1 }, signal }],
      ]);
    });

    it('gives it the same signal at each reading, not aborted', () => {
      const { tracker, send, sends } = observeTracker();
      tracker.registerCallback(send);
      tracker.sendSignal();
      const keepalive = sends[0]?.keepalive;
      expect(keepalive?.signal.aborted).toBe(false);
      expect(keepalive?.signal).toBe(keepalive?.signal);
    });

    it.each([undefined, null, 0, 'pong', { then: 'no function' }])('counts %p as a success', (value) => {
      const { tracker } = observeTracker();
      tracker.registerCallback(() => value);
      tracker.sendSignal();
      expect(tracker.snapshot().keepalives).toEqual({ sent: 1, failed: 0, skipped: 0, withheld: 0, unsent: 0 });
    });

    it('counts a promise as sent when it resolves', async () => {
      const { tracker } = observeTracker();
      const { send, sends } = hangingSender();
      tracker.registerCallback(send);
      tracker.sendSignal();
      await eventLoopTurn();
      expect(tracker.snapshot().keepalives.sent).toBe(0);
      sends[0]?.end.resolve();
      await eventLoopTurn();
      expect(tracker.snapshot().keepalives.sent).toBe(1);
    });

    it('skips and counts a send while one is pending, and never queues it', async () => {
      const { tracker, clock, log } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 1000 });
      const { send, sends } = hangingSender();
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(500);
      tracker.sendSignal();
      clock.advance(500);
      tracker.sendSignal();
      expect(sends).toHaveLength(1);
      expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 0, skipped: 2, withheld: 0, unsent: 0 });
      sends[0]?.end.resolve();
      await eventLoopTurn();
      expect(sends).toHaveLength(1);
      clock.advance(1000);
      expect(sends).toHaveLength(2);
      expect(log.map(([, , event]) => event)).toEqual([HEARTBEAT, NOT_SENT_EVENT, HEARTBEAT]);
    });

    it('aborts a send that is pending after sendTimeoutMs, counts it as failed and sends again', () => {
      const { tracker, clock, log } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 300 });
      const { send, sends } = hangingSender();
      tracker.registerCallback(send);
      tracker.sendSignal();
      clock.advance(299);
      expect(sends[0]?.signal.aborted).toBe(false);
      expect(tracker.snapshot().keepalives.failed).toBe(0);
      clock.advance(1);
      expect(sends[0]?.signal.aborted).toBe(true);
      expect(sends[0]?.signal.reason).toMatchObject({
        name: 'TimeoutError',
        message: 'The keep-alive took longer than sendTimeoutMs',
      });
      expect(log).toEqual([[300, 'warn', FAILED, { outcome: 'timeout', error_code: null }]]);
      expect(clock.pendingTimers).toBe(0);
      tracker.sendSignal();
      expect(sends).toHaveLength(2);
      expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 1, skipped: 0, withheld: 0, unsent: 0 });
    });

    it('gives a send up after a third of the interval by default', () => {
      const { tracker, clock, timesOf } = observeTracker();
      tracker.registerCallback(hangingSender().send);
      tracker.sendSignal();
      clock.advance(30_000);
      expect(timesOf(FAILED)).toEqual([10_000]);
    });

    it('has no deadline for a synchronous send', () => {
      const { tracker, clock, log } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 10 });
      tracker.registerCallback(() => {
        clock.stall(500);
      });
      tracker.sendSignal();
      clock.advance(1000);
      expect(log).toEqual([]);
      expect(tracker.snapshot().keepalives.sent).toBe(1);
    });

    it('sends a signal at the deadline of the last one, before the timer has fired', () => {
      const { tracker, clock } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 300 });
      const { send, sends } = hangingSender();
      tracker.registerCallback(send);
      tracker.sendSignal();
      clock.stall(300);
      tracker.sendSignal();
      expect(sends).toHaveLength(2);
      expect(tracker.snapshot().keepalives).toMatchObject({ failed: 1, skipped: 0 });
    });

    it('sends a signal if the deadline of the last send passes while the gate is asked', () => {
      const { tracker, clock, gate } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 300 });
      const { send, sends } = hangingSender();
      tracker.registerCallback(send);
      tracker.sendSignal();
      jest.spyOn(gate, 'isOpen').mockImplementation(() => {
        clock.stall(300);
        return true;
      });
      tracker.sendSignal();
      expect(sends).toHaveLength(2);
      expect(tracker.snapshot().keepalives).toMatchObject({ failed: 1, skipped: 0 });
    });

    it.each(['resolve', 'reject'] as const)('ignores a late %s of a send that was given up', async (settle) => {
      const { tracker, clock, log } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 300 });
      const { send, sends } = hangingSender();
      tracker.registerCallback(send);
      tracker.sendSignal();
      clock.advance(300);
      tracker.sendSignal();
      sends[0]?.end[settle](undefined);
      await eventLoopTurn();
      expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 1, skipped: 0, withheld: 0, unsent: 0 });
      expect(log).toHaveLength(1);
      tracker.sendSignal();
      expect(tracker.snapshot().keepalives.skipped).toBe(1);
    });

    it('gives a send up before the beat on which its deadline falls', () => {
      const { tracker, clock, log } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 1000 });
      const { send, sends } = hangingSender();
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(3000);
      expect(log).toEqual([
        [1000, 'debug', HEARTBEAT, { refcount: 1 }],
        [2000, 'warn', FAILED, { outcome: 'timeout', error_code: null }],
        [2000, 'debug', HEARTBEAT, { refcount: 1 }],
        [3000, 'debug', HEARTBEAT, { refcount: 1 }],
      ]);
      expect(sends).toHaveLength(3);
      expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 2, skipped: 0, withheld: 0, unsent: 0 });
    });

    it('gives a send up by the next beat, though that one comes less late than the last', () => {
      const { tracker, clock, timesOf } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 1000 });
      tracker.registerCallback(hangingSender().send);
      tracker.start('api_call');
      for (const atMs of [1000.4, 2000.1, 3000.4, 4000.1]) {
        clock.stall(atMs - clock.now());
        clock.advance(0);
      }
      expect(timesOf(HEARTBEAT)).toEqual([1000.4, 2000.1, 3000.4, 4000.1]);
      expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 3, skipped: 0, withheld: 0, unsent: 0 });
    });

    it('gives a send up by the next beat, though jitter brings that forward when work resumes', () => {
      jest.spyOn(Math, 'random').mockReturnValue(0.75);
      const { tracker, clock } = observeTracker({ jitter: 1 });
      tracker.registerCallback(hangingSender().send);
      const activity = tracker.start('api_call');
      clock.advance(7_500);
      activity.stop();
      tracker.start('api_call');
      clock.advance(7_500);
      expect(tracker.snapshot().keepalives).toMatchObject({ failed: 1, skipped: 0 });
      jest.restoreAllMocks();
    });

    it('gives a send its full time if no beat follows', () => {
      const { tracker, clock, timesOf } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 1000 });
      tracker.registerCallback(hangingSender().send);
      const activity = tracker.start('api_call');
      clock.stall(1050);
      clock.advance(0);
      activity.stop();
      clock.advance(2000);
      expect(timesOf(FAILED)).toEqual([2050]);
    });

    it('gives the send of a late beat its full time', () => {
      const { tracker, clock, timesOf } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 1000 });
      tracker.registerCallback(hangingSender().send);
      tracker.start('api_call');
      clock.stall(1900);
      clock.advance(1000);
      expect(timesOf(FAILED)).toEqual([2900]);
      expect(tracker.snapshot().keepalives).toMatchObject({ failed: 1, skipped: 0 });
    });

    it.each([1000, 1200])('gives a send its full time though its sender first blocked for %i ms', (blockedMs) => {
      const { tracker, clock, timesOf } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 300 });
      tracker.registerCallback(() => {
        clock.stall(blockedMs);
        return new Promise(() => undefined);
      });
      tracker.start('api_call');
      clock.advance(1000);
      tracker.stop('api_call');
      clock.advance(1000);
      expect(timesOf(FAILED)).toEqual([1000 + blockedMs + 300]);
    });

    it('counts the time of a send from when its sender returned the promise', () => {
      const { tracker, clock, gate, timesOf } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 300 });
      jest.spyOn(gate, 'isOpen').mockImplementation(() => {
        clock.stall(200);
        return true;
      });
      tracker.registerCallback(() => {
        clock.stall(200);
        return new Promise(() => undefined);
      });
      tracker.sendSignal();
      clock.advance(1000);
      expect(timesOf(FAILED)).toEqual([700]);
    });

    it.each([
      ['fulfils', { sent: 1, failed: 0 }],
      ['rejects', { sent: 0, failed: 1 }],
      ['throws', { sent: 0, failed: 1 }],
    ] as const)('does not wait for a promise whose own then %s at once', (outcome, counts) => {
      const { tracker, clock } = observeTracker();
      const then = (onFulfilled: (value: unknown) => void, onRejected: (reason: unknown) => void): void => {
        if (outcome === 'throws') throw new Error('failed');
        if (outcome === 'fulfils') onFulfilled(undefined);
        else onRejected(new Error('failed'));
      };
      tracker.registerCallback(() => Object.assign(Promise.resolve(), { then }));
      tracker.sendSignal();
      expect(tracker.snapshot().keepalives).toEqual({ ...counts, skipped: 0, withheld: 0, unsent: 0 });
      expect(clock.pendingTimers).toBe(0);
      tracker.sendSignal();
      expect(tracker.snapshot().keepalives.skipped).toBe(0);
    });

    it('aborts each send with a reason of its own', () => {
      const reasons = [observeTracker({ sendTimeoutMs: 10 }), observeTracker({ sendTimeoutMs: 10 })].map(
        ({ tracker, clock }) => {
          const { send, sends } = hangingSender();
          tracker.registerCallback(send);
          tracker.sendSignal();
          clock.advance(10);
          return sends[0]?.signal.reason as unknown;
        },
      );
      expect(reasons[0]).toHaveProperty('name', 'TimeoutError');
      expect(reasons[0]).not.toBe(reasons[1]);
    });

    it('keeps the deadline after the last stop', () => {
      const { tracker, clock, timesOf } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 300, idleAfterMs: 50 });
      tracker.registerCallback(hangingSender().send);
      const activity = tracker.start('api_call');
      clock.advance(1000);
      activity.stop();
      clock.advance(1000);
      expect(timesOf('session_idle_50ms')).toEqual([1050]);
      expect(timesOf(FAILED)).toEqual([1300]);
    });
  });

  describe('sendSignal', () => {
    it('sends one keep-alive now, with or without work, and logs nothing', () => {
      const { tracker, send, sends, log, clock } = observeTracker();
      tracker.registerCallback(send);
      tracker.sendSignal();
      tracker.start('api_call');
      clock.advance(10);
      tracker.sendSignal();
      expect(sends.map(({ atMs }) => atMs)).toEqual([0, 10]);
      expect(log).toEqual([]);
    });

    it('does nothing without a sender: not even ask the gate or count', () => {
      const { tracker, gate } = observeTracker();
      const isOpen = jest.spyOn(gate, 'isOpen');
      gate.close();
      tracker.sendSignal();
      expect(isOpen).not.toHaveBeenCalled();
      expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 0, skipped: 0, withheld: 0, unsent: 0 });
    });

    it('holds it back and counts it while the gate is closed', () => {
      const { tracker, gate, send, sends } = observeTracker();
      tracker.registerCallback(send);
      gate.close();
      tracker.sendSignal();
      expect(sends).toEqual([]);
      expect(tracker.snapshot().keepalives.withheld).toBe(1);
    });

    it('does not change the schedule', () => {
      const { tracker, clock, send, timesOf } = observeTracker({ intervalMs: 1000 });
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(400);
      tracker.sendSignal();
      clock.advance(600);
      expect(timesOf(HEARTBEAT)).toEqual([1000]);
    });

    it('arms no timer for a send that ends at once, and one for a send that does not', () => {
      const { tracker, clock, send } = observeTracker();
      tracker.registerCallback(send);
      tracker.sendSignal();
      expect(clock.pendingTimers).toBe(0);
      tracker.registerCallback(() => defer().promise);
      tracker.sendSignal();
      expect(clock.pendingTimers).toBe(1);
    });
  });
});

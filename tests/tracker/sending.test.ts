import { describe, expect, it, jest } from '@jest/globals';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { hangingSender } from '../support/hanging-sender.js';
import { FAILED, HEARTBEAT, NOT_SENT_EVENT, observeTracker } from '../support/observed-tracker.js';

describe('SessionActivityTracker', () => {
  describe('sending', () => {
    it('send gets one argument that tells the trigger, the counts and a signal', () => {
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

    it('the signal is one and the same at each look, and not aborted', () => {
      const { tracker, send, sends } = observeTracker();
      tracker.registerCallback(send);
      tracker.sendSignal();
      const keepalive = sends[0]?.keepalive;
      expect(keepalive?.signal.aborted).toBe(false);
      expect(keepalive?.signal).toBe(keepalive?.signal);
    });

    it.each([undefined, null, 0, 'pong', { then: 'no function' }])('may return %p', (value) => {
      const { tracker } = observeTracker();
      tracker.registerCallback(() => value);
      tracker.sendSignal();
      expect(tracker.snapshot().keepalives).toEqual({ sent: 1, failed: 0, skipped: 0, withheld: 0, unsent: 0 });
    });

    it('may return a promise, which counts as sent when it resolves', async () => {
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

    it('while one is pending a further one is skipped and counted, never queued', async () => {
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

    it('a send pending after sendTimeoutMs is aborted, failed, and blocks no more', () => {
      const { tracker, clock, log } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 300 });
      const { send, sends } = hangingSender();
      tracker.registerCallback(send);
      tracker.sendSignal();
      clock.advance(299);
      expect(sends[0]?.signal.aborted).toBe(false);
      expect(tracker.snapshot().keepalives.failed).toBe(0);
      clock.advance(1);
      expect(sends[0]?.signal.aborted).toBe(true);
      expect(sends[0]?.signal.reason).toHaveProperty('name', 'TimeoutError');
      expect(log).toEqual([[300, 'warn', FAILED, { outcome: 'timeout', error_code: null }]]);
      expect(clock.pendingTimers).toBe(0);
      tracker.sendSignal();
      expect(sends).toHaveLength(2);
      expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 1, skipped: 0, withheld: 0, unsent: 0 });
    });

    it('by default after a third of the interval', () => {
      const { tracker, clock, timesOf } = observeTracker();
      tracker.registerCallback(hangingSender().send);
      tracker.sendSignal();
      clock.advance(30_000);
      expect(timesOf(FAILED)).toEqual([10_000]);
    });

    it('only asynchronous sends have a deadline', () => {
      const { tracker, clock, log } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 10 });
      tracker.registerCallback(() => {
        clock.stall(500);
      });
      tracker.sendSignal();
      clock.advance(1000);
      expect(log).toEqual([]);
      expect(tracker.snapshot().keepalives.sent).toBe(1);
    });

    it('a signal at the deadline, before its timer fired, is not blocked', () => {
      const { tracker, clock } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 300 });
      const { send, sends } = hangingSender();
      tracker.registerCallback(send);
      tracker.sendSignal();
      clock.stall(300);
      tracker.sendSignal();
      expect(sends).toHaveLength(2);
      expect(tracker.snapshot().keepalives).toMatchObject({ failed: 1, skipped: 0 });
    });

    it('a send whose time is over while the gate is asked blocks no signal', () => {
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

    it.each(['resolve', 'reject'] as const)('a late %s is ignored and handled', async (settle) => {
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

    it('a deadline that falls on a beat is handled before the beat', () => {
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

    it('a send is over by the next beat, though that one comes a little less late', () => {
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

    it('the send of a late beat has its full time', () => {
      const { tracker, clock, timesOf } = observeTracker({ intervalMs: 1000, sendTimeoutMs: 1000 });
      tracker.registerCallback(hangingSender().send);
      tracker.start('api_call');
      clock.stall(1900);
      clock.advance(1000);
      expect(timesOf(FAILED)).toEqual([2900]);
      expect(tracker.snapshot().keepalives).toMatchObject({ failed: 1, skipped: 0 });
    });

    it.each([1000, 1200])('has its full time, though its sender first blocked for %i ms', (blockedMs) => {
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

    it('its time begins when the sender has returned its promise', () => {
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
    ] as const)('a promise whose own then %s at once is not pending', (outcome, counts) => {
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

    it('what a send is aborted with belongs to it alone', () => {
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

    it('a deadline after the last stop is kept', () => {
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
});

import { describe, expect, it, jest } from '@jest/globals';
import type { Keepalive } from '../../src/index.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { hangingSender } from '../support/hanging-sender.js';
import { observeTracker } from '../support/observed-tracker.js';

describe('SessionActivityTracker', () => {
  describe('registerCallback', () => {
    it('makes send the sender in place of any other', () => {
      const { tracker, send, sends } = observeTracker();
      const earlier = jest.fn();
      tracker.registerCallback(earlier);
      tracker.registerCallback(send);
      tracker.sendSignal();
      expect(earlier).not.toHaveBeenCalled();
      expect(sends).toHaveLength(1);
    });

    it('returns a registration that removes only its own sender, once', () => {
      const { tracker, send } = observeTracker();
      const earlier = tracker.registerCallback(send);
      const current = tracker.registerCallback(send);
      earlier.unregister();
      expect(tracker.isTrackingActive).toBe(true);
      current.unregister();
      expect(tracker.isTrackingActive).toBe(false);
      tracker.registerCallback(send);
      current.unregister();
      expect(tracker.isTrackingActive).toBe(true);
    });

    it('returns a registration that [Symbol.dispose] removes', () => {
      const { tracker, send } = observeTracker();
      {
        using registration = tracker.registerCallback(send);
        expect(registration).toHaveProperty('unregister');
        expect(tracker.isTrackingActive).toBe(true);
      }
      expect(tracker.isTrackingActive).toBe(false);
    });
  });

  describe('unregisterCallback', () => {
    it('removes the current sender, whoever registered it', () => {
      const { tracker, send, sends } = observeTracker();
      tracker.unregisterCallback();
      tracker.registerCallback(send);
      tracker.unregisterCallback();
      expect(tracker.isTrackingActive).toBe(false);
      tracker.sendSignal();
      expect(sends).toEqual([]);
    });
  });

  describe('isTrackingActive', () => {
    it('is whether a sender is registered, whether or not work runs', () => {
      const { tracker, send } = observeTracker();
      expect(tracker.isTrackingActive).toBe(false);
      tracker.start('api_call');
      expect(tracker.isTrackingActive).toBe(false);
      tracker.registerCallback(send);
      expect(tracker.isTrackingActive).toBe(true);
    });
  });

  describe('replaced senders', () => {
    it('have their pending send aborted and make way at once', () => {
      const { tracker, clock, send, sends, log } = observeTracker();
      const hanging = hangingSender();
      tracker.registerCallback(hanging.send);
      tracker.sendSignal();
      tracker.registerCallback(send);
      expect(hanging.sends[0]?.signal.aborted).toBe(true);
      tracker.sendSignal();
      expect(sends).toHaveLength(1);
      clock.advance(60_000);
      expect(log).toEqual([]);
      expect(tracker.snapshot().keepalives).toEqual({ sent: 1, failed: 0, skipped: 0, withheld: 0, unsent: 0 });
    });

    it('have their pending send aborted when they are removed', () => {
      const { tracker, clock, log } = observeTracker();
      const { send, sends } = hangingSender();
      const registration = tracker.registerCallback(send);
      tracker.sendSignal();
      registration.unregister();
      expect(sends[0]?.signal.aborted).toBe(true);
      expect(clock.pendingTimers).toBe(0);
      clock.advance(60_000);
      expect(log).toEqual([]);
    });

    it.each([
      ['returns', () => undefined],
      ['returns a promise', () => new Promise(() => undefined)],
      [
        'throws',
        () => {
          throw new Error('failed');
        },
      ],
    ])('are aborted at once, and not counted, if one replaces itself and %s', (_, end) => {
      const { tracker, clock, send, sends, log } = observeTracker();
      const keepalives: Keepalive[] = [];
      let wasAborted = false;
      tracker.registerCallback((keepalive) => {
        keepalives.push(keepalive);
        tracker.registerCallback(send);
        // Not asserted here: the tracker ignores what a sender throws.
        wasAborted = keepalive.signal.aborted;
        return end();
      });
      tracker.sendSignal();
      expect(wasAborted).toBe(true);
      expect(keepalives[0]?.signal.reason).toMatchObject({
        name: 'AbortError',
        message: 'The keep-alive sender was replaced or removed',
      });
      expect(clock.pendingTimers).toBe(0);
      tracker.sendSignal();
      expect(sends).toHaveLength(1);
      expect(tracker.snapshot().keepalives).toEqual({ sent: 1, failed: 0, skipped: 0, withheld: 0, unsent: 0 });
      expect(log).toEqual([]);
    });

    it('leave pending, with its own deadline, what their successor sends during their call', () => {
      const { tracker, clock } = observeTracker({ sendTimeoutMs: 200 });
      const hanging = hangingSender();
      tracker.registerCallback(() => {
        tracker.registerCallback(hanging.send);
        tracker.sendSignal();
        clock.stall(100);
        return Promise.resolve();
      });
      tracker.sendSignal();
      expect(hanging.sends[0]?.signal.aborted).toBe(false);
      tracker.sendSignal();
      expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 0, skipped: 1, withheld: 0, unsent: 0 });
      clock.advance(100);
      expect(hanging.sends[0]?.signal.reason).toMatchObject({ name: 'TimeoutError' });
    });

    it.each(['resolve', 'reject'] as const)(
      'cannot touch the send of their successor with a late %s',
      async (settle) => {
        const { tracker, log } = observeTracker();
        const first = hangingSender();
        const second = hangingSender();
        tracker.registerCallback(first.send);
        tracker.sendSignal();
        tracker.registerCallback(second.send);
        tracker.sendSignal();
        first.sends[0]?.end[settle](undefined);
        await eventLoopTurn();
        expect(tracker.snapshot().keepalives).toEqual({ sent: 0, failed: 0, skipped: 0, withheld: 0, unsent: 0 });
        tracker.sendSignal();
        expect(tracker.snapshot().keepalives.skipped).toBe(1);
        expect(second.sends[0]?.signal.aborted).toBe(false);
        expect(log.map(([, , event]) => event)).toEqual(['session_keepalive_not_sent']);
      },
    );

    it('log the first failure of a new sender even in the middle of a row', () => {
      const { tracker, named, send } = observeTracker();
      const fail = (): never => {
        throw new Error('failed');
      };
      tracker.registerCallback(fail);
      tracker.sendSignal();
      tracker.sendSignal();
      tracker.registerCallback(fail);
      tracker.sendSignal();
      tracker.sendSignal();
      expect(named('session_keepalive_failed')).toHaveLength(2);
      tracker.registerCallback(send);
      tracker.sendSignal();
      expect(named('session_keepalive_recovered')).toMatchObject([[0, 'info', expect.any(String), { failures: 4 }]]);
    });

    it('leave their row of failures to the next sender', () => {
      const { tracker, send, log } = observeTracker();
      tracker.registerCallback(() => {
        throw new Error('failed');
      });
      tracker.sendSignal();
      tracker.registerCallback(send);
      tracker.sendSignal();
      expect(log.map(([, , event, data]) => [event, data])).toEqual([
        ['session_keepalive_failed', { outcome: 'error', error_code: null }],
        ['session_keepalive_recovered', { failures: 1 }],
      ]);
    });
  });
});

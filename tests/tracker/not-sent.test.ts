import { describe, expect, it } from '@jest/globals';
import { NOT_SENT } from '../../src/index.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { hangingSender } from '../support/hanging-sender.js';
import { FAILED, NOT_SENT_EVENT, observeTracker, RECOVERED } from '../support/observed-tracker.js';

const NOTHING = { sent: 0, failed: 0, skipped: 0, withheld: 0, unsent: 0 };

describe('SessionActivityTracker', () => {
  describe('NOT_SENT', () => {
    it.each<[string, () => unknown]>([
      ['returned', () => NOT_SENT],
      ['resolved to', () => Promise.resolve(NOT_SENT)],
      ['passed on by a thenable', () => ({ then: (resolve: (value: unknown) => void) => resolve(NOT_SENT) })],
      ['that of another copy of the package', () => Symbol.for('session-activity-tracker/not-sent')],
    ])('is counted as unsent when it is %s', async (_, send) => {
      const { tracker, log } = observeTracker();
      tracker.registerCallback(send);
      tracker.sendSignal();
      await eventLoopTurn();
      expect(tracker.snapshot().keepalives).toEqual({ ...NOTHING, unsent: 1 });
      expect(log).toEqual([[0, 'info', NOT_SENT_EVENT, { cause: 'transport' }]]);
      tracker.sendSignal();
      await eventLoopTurn();
      expect(tracker.snapshot().keepalives).toEqual({ ...NOTHING, unsent: 2 });
    });

    it('is neither a success nor a failure: a row of failures stays as it is', () => {
      const { tracker, named } = observeTracker();
      const answers = ['fail', NOT_SENT, 'fail', NOT_SENT, undefined];
      tracker.registerCallback(() => {
        const answer = answers.shift();
        if (answer === 'fail') throw new Error('failed');
        return answer;
      });
      while (answers.length > 0) tracker.sendSignal();
      expect(tracker.snapshot().keepalives).toEqual({ ...NOTHING, sent: 1, failed: 2, unsent: 2 });
      expect(named(FAILED)).toHaveLength(1);
      expect(named(RECOVERED)).toEqual([[0, 'info', RECOVERED, { failures: 2 }]]);
    });
  });

  describe('session_keepalive_not_sent', () => {
    /** The causes that were logged so far. */
    function causesIn(kit: { named: (event: string) => unknown[][] }): unknown[] {
      return kit.named(NOT_SENT_EVENT).map(([, , , data]) => (data as { cause: string }).cause);
    }

    it('says that the gate was closed, at level info', () => {
      const { tracker, clock, gate, send, named } = observeTracker({ intervalMs: 1000 });
      gate.close();
      tracker.registerCallback(send);
      tracker.start('api_call');
      clock.advance(1000);
      expect(named(NOT_SENT_EVENT)).toEqual([[1000, 'info', NOT_SENT_EVENT, { cause: 'gate' }]]);
    });

    it('says that every running activity was overdue', () => {
      const kit = observeTracker({ intervalMs: 1000, maxActivityMs: 500 });
      kit.tracker.registerCallback(kit.send);
      kit.tracker.start('api_call');
      kit.clock.advance(1000);
      expect(causesIn(kit)).toEqual(['overdue']);
    });

    it('says that the last send was still pending', () => {
      const kit = observeTracker();
      kit.tracker.registerCallback(hangingSender().send);
      kit.tracker.sendSignal();
      expect(causesIn(kit)).toEqual([]);
      kit.tracker.sendSignal();
      expect(causesIn(kit)).toEqual(['pending']);
    });

    it('is logged once while the cause is the same, and again when it changes', () => {
      const kit = observeTracker({ intervalMs: 1000, maxActivityMs: 2500 });
      const { tracker, clock, gate, timesOf } = kit;
      tracker.registerCallback(() => NOT_SENT);
      tracker.start('api_call');
      gate.close();
      tracker.sendSignal();
      clock.advance(2000); // Gate.
      gate.open();
      tracker.sendSignal();
      tracker.sendSignal(); // Transport.
      clock.advance(2000); // Overdue.
      gate.close();
      tracker.sendSignal(); // Gate.
      expect(causesIn(kit)).toEqual(['gate', 'transport', 'overdue', 'gate']);
      expect(timesOf(NOT_SENT_EVENT)).toEqual([0, 2000, 3000, 4000]);
    });

    it.each<[string, () => void]>([
      ['succeeded', () => undefined],
      [
        'failed',
        () => {
          throw new Error('failed');
        },
      ],
    ])('is logged again after a send that %s', (_, send) => {
      const kit = observeTracker();
      kit.tracker.registerCallback(send);
      for (const isOpen of [false, false, true, false]) {
        if (isOpen) kit.gate.open();
        else kit.gate.close();
        kit.tracker.sendSignal();
      }
      expect(causesIn(kit)).toEqual(['gate', 'gate']);
    });

    it('is logged again after a send that was given up', () => {
      const kit = observeTracker({ intervalMs: 1000, sendTimeoutMs: 100 });
      kit.tracker.registerCallback(hangingSender().send);
      for (let i = 0; i < 2; i++) {
        kit.tracker.sendSignal();
        kit.tracker.sendSignal();
        kit.clock.advance(100);
      }
      expect(causesIn(kit)).toEqual(['pending', 'pending']);
    });

    it.each(['replaced', 'removed and registered again'])('is logged again once the sender was %s', (how) => {
      const kit = observeTracker();
      kit.gate.close();
      kit.tracker.registerCallback(kit.send);
      kit.tracker.sendSignal();
      if (how !== 'replaced') kit.tracker.unregisterCallback();
      kit.tracker.registerCallback(kit.send);
      kit.tracker.sendSignal();
      expect(causesIn(kit)).toEqual(['gate', 'gate']);
    });

    it('is logged again once the session became idle, and not after a mere pause', () => {
      const kit = observeTracker({ intervalMs: 1000 });
      kit.gate.close();
      kit.tracker.registerCallback(kit.send);
      const beat = (pauseMs: number): void => {
        kit.tracker.start('api_call');
        kit.clock.advance(1000);
        kit.tracker.stop('api_call');
        kit.clock.advance(pauseMs);
      };
      beat(999);
      beat(1000);
      expect(causesIn(kit)).toEqual(['gate']);
      beat(0);
      expect(causesIn(kit)).toEqual(['gate', 'gate']);
    });
  });
});

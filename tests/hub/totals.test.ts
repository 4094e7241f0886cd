import { describe, expect, it } from '@jest/globals';
import { SessionActivityHub } from '../../src/hub/index.js';
import { NOT_SENT } from '../../src/index.js';
import { createTestTracker } from '../../src/testing/index.js';
import { defer } from '../support/deferred.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { addSession } from './hub-session.js';

describe('SessionActivityHub', () => {
  describe('totals', () => {
    it('are 0 without sessions', () => {
      expect(new SessionActivityHub().totals()).toEqual({
        keepalives: { sent: 0, failed: 0, skipped: 0, withheld: 0, unsent: 0 },
        lateHeartbeats: 0,
      });
    });

    it('are the sums over all sessions, including those that have left', () => {
      const hub = new SessionActivityHub();
      for (const sessionId of ['one', 'two', 'three']) {
        const { tracker, clock, gate, remove } = addSession(hub, sessionId, { intervalMs: 1000 });
        tracker.registerCallback(() => undefined);
        tracker.start('api_call');
        clock.stall(1100);
        clock.advance(0);
        tracker.sendSignal();
        tracker.registerCallback(() => {
          throw new Error('down');
        });
        tracker.sendSignal();
        tracker.registerCallback(() => NOT_SENT);
        for (let i = 0; i < 5; i++) tracker.sendSignal();
        tracker.registerCallback(() => defer().promise);
        for (let i = 0; i < 4; i++) tracker.sendSignal();
        gate.close();
        for (let i = 0; i < 4; i++) tracker.sendSignal();
        if (sessionId === 'one') remove();
        if (sessionId === 'two') tracker.dispose();
      }
      expect(hub.size).toBe(1);
      expect(hub.totals()).toEqual({
        keepalives: { sent: 6, failed: 3, skipped: 9, withheld: 12, unsent: 15 },
        lateHeartbeats: 3,
      });
    });

    it('leave out what a tracker counted outside the hub', () => {
      const { tracker } = createTestTracker();
      tracker.registerCallback(() => undefined);
      for (let i = 0; i < 5; i++) tracker.sendSignal();
      const hub = new SessionActivityHub();
      const remove = hub.add('one', tracker);
      expect(hub.totals().keepalives.sent).toBe(0);
      tracker.sendSignal();
      remove();
      tracker.sendSignal();
      hub.add('one', tracker);
      expect(hub.totals().keepalives.sent).toBe(1);
    });

    it('never go down, whatever happens to a session', async () => {
      const hub = new SessionActivityHub();
      const sums: number[] = [];
      const note = (): void => {
        const { keepalives, lateHeartbeats } = hub.totals();
        sums.push([...Object.values<number>({ ...keepalives }), lateHeartbeats].reduce((a, b) => a + b));
      };
      for (let round = 0; round < 3; round++) {
        const { tracker, remove } = addSession(hub, 'one');
        note();
        const pending = defer();
        tracker.registerCallback(() => pending.promise);
        tracker.sendSignal();
        tracker.sendSignal();
        note();
        if (round === 0) tracker.dispose();
        remove();
        note();
        remove();
        pending.resolve();
        await eventLoopTurn();
        tracker.sendSignal();
        tracker.dispose();
        note();
      }
      expect(sums).toEqual([0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3]);
    });

    it('do not change once they were returned', () => {
      const hub = new SessionActivityHub();
      const before = hub.totals();
      const { tracker } = addSession(hub, 'one');
      tracker.registerCallback(() => undefined);
      tracker.sendSignal();
      expect([before.keepalives.sent, hub.totals().keepalives.sent]).toEqual([0, 1]);
    });
  });
});

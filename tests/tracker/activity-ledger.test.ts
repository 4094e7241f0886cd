import { describe, expect, it, jest } from '@jest/globals';
import { ActivityLedger } from '../../src/tracker/activity-ledger.js';
import { ReasonQueue } from '../../src/tracker/running-activity.js';

class Ledger extends ActivityLedger<string> {
  override readonly onAllStopped = jest.fn<() => void>();
  override readonly onUnmatchedStop = jest.fn<(reason: string) => void>();
}

function create(): {
  ledger: Ledger;
  onAllStopped: jest.Mock<() => void>;
  onUnmatchedStop: jest.Mock<(reason: string) => void>;
} {
  const ledger = new Ledger();
  return { ledger, onAllStopped: ledger.onAllStopped, onUnmatchedStop: ledger.onUnmatchedStop };
}

function newlyOverdue(ledger: ActivityLedger<string>, nowMs: number, maxMs: number): unknown[] {
  return ledger.newlyOverdue(nowMs, maxMs).map((activity) => {
    activity.becomeOverdue();
    return { reason: activity.reason, startedAtMs: activity.startedAtMs };
  });
}

describe('ActivityLedger', () => {
  describe('listener', () => {
    it('is told when the last activity stopped, once the state says so', () => {
      const { ledger, onAllStopped } = create();
      const first = ledger.startAt(0, 'a');
      const second = ledger.startAt(0, 'b');
      first.stop();
      expect(onAllStopped).not.toHaveBeenCalled();
      onAllStopped.mockImplementation(() => {
        expect([ledger.refcount, ledger.counts(), ledger.busyMs(5)]).toEqual([0, {}, null]);
      });
      second.stop();
      expect(onAllStopped).toHaveBeenCalledTimes(1);
    });

    it('is told of an unmatched stop, of a known and an unknown reason', () => {
      const { ledger, onAllStopped, onUnmatchedStop } = create();
      ledger.startAt(0, 'a').stop();
      onAllStopped.mockClear();
      ledger.stop('a');
      ledger.stop('b');
      expect(onUnmatchedStop.mock.calls).toEqual([['a'], ['b']]);
      expect(onAllStopped).not.toHaveBeenCalled();
      expect(ledger.refcount).toBe(0);
    });
  });

  describe('counts', () => {
    it('keeps the sum right while many reasons come and go', () => {
      const { ledger, onUnmatchedStop } = create();
      const running = new Map<string, number>();
      for (let i = 0; i < 500; i++) {
        const reason = `r${(i * 7) % 5}`;
        const count = running.get(reason) ?? 0;
        if ((i * 13) % 3 === 0 && count > 0) {
          ledger.stop(reason);
          running.set(reason, count - 1);
        } else {
          ledger.startAt(i, reason);
          running.set(reason, count + 1);
        }
        const expected = Object.fromEntries([...running].filter(([, each]) => each > 0));
        expect(ledger.counts()).toEqual(expected);
        expect(ledger.refcount).toBe([...running.values()].reduce((sum, each) => sum + each, 0));
      }
      expect(onUnmatchedStop).not.toHaveBeenCalled();
    });

    it('forgets no reason that is emptied, taken up again and outlived by another', () => {
      const { ledger } = create();
      ledger.startAt(0, 'a').stop();
      ledger.startAt(1, 'a');
      ledger.startAt(2, 'b').stop();
      expect(ledger.counts()).toEqual({ a: 1 });
      ledger.startAt(3, 'a');
      ledger.startAt(4, 'a').stop();
      expect(ledger.counts()).toEqual({ a: 2 });
    });

    it('is a frozen object, another one after each change', () => {
      const { ledger } = create();
      const none = ledger.counts();
      expect(Object.isFrozen(none)).toBe(true);
      expect(ledger.counts()).toBe(none);
      const activity = ledger.startAt(0, 'a');
      const one = ledger.counts();
      activity.stop();
      expect([none, one, ledger.counts()]).toEqual([{}, { a: 1 }, {}]);
    });
  });

  describe('queues', () => {
    it('keeps none of a reason that has ceased to run', () => {
      const { ledger } = create();
      for (const order of [
        ['a', 'b'],
        ['b', 'a'],
      ]) {
        const activities = ['a', 'b', 'a'].map((reason, atMs) => ledger.startAt(atMs, reason));
        for (const reason of order) for (const activity of activities) if (activity.reason === reason) activity.stop();
        expect(ledger.counts()).toEqual({});
      }
      ledger.startAt(10, 'c');
      ledger.startAt(11, 'd').stop();
      ledger.startAt(12, 'e');
      expect(ledger.counts()).toEqual({ c: 1, e: 1 });
      expect(ledger.oldestMs(15)).toBe(5);
    });

    it.each([
      ['one after the other', false],
      ['while another one runs', true],
    ])('reasons that came and went %s are forgotten, but for the last', (_, besideAnother) => {
      const { ledger } = create();
      const looks = jest.spyOn(ReasonQueue.prototype, 'sinceMs', 'get');
      if (besideAnother) ledger.startAt(0, 'stays');
      for (const reason of ['a', 'b', 'c', 'd']) ledger.startAt(1, reason).stop();
      for (const activity of ['e', 'f', 'g'].map((reason) => ledger.startAt(1, reason))) activity.stop();
      expect(ledger.oldestMs(5)).toBe(besideAnother ? 5 : null);
      expect(looks).toHaveBeenCalledTimes(besideAnother ? 2 : 1);
      looks.mockRestore();
    });

    it('an empty queue has no age', () => {
      const { ledger } = create();
      expect(new ReasonQueue(ledger, 'a').sinceMs).toBe(Infinity);
    });
  });

  describe('ages', () => {
    it('the busy period is as old as its first activity, even when that has stopped', () => {
      const { ledger } = create();
      expect([ledger.busyMs(0), ledger.oldestMs(0)]).toEqual([null, null]);
      const first = ledger.startAt(10, 'a');
      ledger.startAt(20, 'b');
      first.stop();
      expect([ledger.busyMs(50), ledger.oldestMs(50)]).toEqual([40, 30]);
    });

    it('the oldest is sought among all reasons', () => {
      const { ledger } = create();
      ledger.startAt(10, 'a');
      ledger.startAt(20, 'b');
      ledger.stop('a');
      ledger.startAt(30, 'a');
      expect(ledger.oldestMs(100)).toBe(80);
    });
  });

  describe('overdue', () => {
    it('goes by the age as it is told, which may be rounded', () => {
      const { ledger } = create();
      const [startedAtMs, nowMs] = [7 / 3, 28 / 3];
      ledger.startAt(startedAtMs, 'a');
      expect(ledger.oldestMs(nowMs)).toBe(7);
      expect(ledger.countOverdue(nowMs, 7)).toBe(0);
    });

    it('counts those that are older, not those of just that age', () => {
      const { ledger } = create();
      ledger.startAt(0, 'a');
      ledger.startAt(10, 'a');
      ledger.startAt(10, 'b');
      expect([ledger.countOverdue(100, 100), ledger.countOverdue(101, 100), ledger.countOverdue(111, 100)]).toEqual([
        0, 1, 3,
      ]);
      expect(ledger.countOverdue(1e9, Infinity)).toBe(0);
    });

    it('gives each once, in the order in which they were started', () => {
      const { ledger } = create();
      ledger.startAt(0, 'b');
      ledger.startAt(0, 'a');
      ledger.startAt(5, 'b');
      expect(newlyOverdue(ledger, 100, 100)).toEqual([]);
      expect(newlyOverdue(ledger, 105, 100)).toEqual([
        { reason: 'b', startedAtMs: 0 },
        { reason: 'a', startedAtMs: 0 },
      ]);
      expect(newlyOverdue(ledger, 106, 100)).toEqual([{ reason: 'b', startedAtMs: 5 }]);
      expect(newlyOverdue(ledger, 200, 100)).toEqual([]);
    });

    it('passes over those that stopped', () => {
      const { ledger } = create();
      const first = ledger.startAt(0, 'a');
      const second = ledger.startAt(1, 'a');
      ledger.startAt(2, 'a');
      second.stop();
      first.stop();
      expect(newlyOverdue(ledger, 200, 100)).toEqual([{ reason: 'a', startedAtMs: 2 }]);
    });
  });

  describe('close', () => {
    it('forgets what runs and tells nobody', () => {
      const { ledger, onAllStopped, onUnmatchedStop } = create();
      const activity = ledger.startAt(0, 'a');
      ledger.close();
      activity.stop();
      ledger.stop('a');
      ledger.startAt(1, 'a').stop();
      expect([ledger.isClosed(), ledger.refcount, ledger.counts(), ledger.oldestMs(9)]).toEqual([true, 0, {}, null]);
      expect(onAllStopped).not.toHaveBeenCalled();
      expect(onUnmatchedStop).not.toHaveBeenCalled();
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import type { TrackerHistory } from '../../src/report/history.js';
import { Timeline } from '../../src/report/phases.js';
import { historyWith, keepalive, spans } from './made-history.js';

/** The phases of a silence, in seconds: from, to, cause and how many keep-alives were due. */
function phasesOf(fields: Partial<TrackerHistory>, from: number, to: number): [number, number, string, number][] {
  const phases = new Timeline(historyWith(fields)).phases(from * 1_000, to * 1_000);
  return phases.map(({ startMs, endMs, cause, due }) => [startMs / 1_000, endMs / 1_000, cause, due]);
}

describe('phase of a silence', () => {
  it('is on time until the next keep-alive is due', () => {
    expect(phasesOf({}, 50, 70)).toEqual([[50, 70, 'on-time', 0]]);
  });

  describe('without a sender', () => {
    it('lasts from where the silence begins until one is registered', () => {
      expect(phasesOf({ senders: spans([0, 50], [60, 100]) }, 50, 70)).toEqual([
        [50, 60, 'no-sender', 0],
        [60, 70, 'on-time', 0],
      ]);
    });

    it('does not begin where one was registered at that moment', () => {
      expect(phasesOf({ senders: spans([50, 100]) }, 50, 70)).toEqual([[50, 70, 'on-time', 0]]);
      expect(phasesOf({ senders: spans([60, 100]) }, 50, 55)).toEqual([[50, 55, 'no-sender', 0]]);
    });

    it('is not assumed where the log says nothing about senders', () => {
      expect(phasesOf({ senders: undefined }, 50, 70)).toEqual([[50, 70, 'on-time', 0]]);
    });

    it('does not count where no work ran', () => {
      expect(phasesOf({ senders: [], busy: spans([0, 10], [15, 30]) }, 0, 30)).toEqual([
        [0, 10, 'no-sender', 0],
        [10, 15, 'on-time', 0],
        [15, 30, 'no-sender', 0],
      ]);
    });

    it('does not count in a pause in which the silence begins', () => {
      expect(phasesOf({ senders: [], busy: spans([0, 10], [20, 100]) }, 15, 30)).toEqual([
        [15, 20, 'on-time', 0],
        [20, 30, 'no-sender', 0],
      ]);
      expect(phasesOf({ senders: [], busy: spans([0, 10], [20, 100]) }, 10, 30)[0]).toEqual([10, 20, 'on-time', 0]);
    });

    it('ends the causes of the sender before', () => {
      const senders = spans([0, 70], [80, 1_000]);

      expect(phasesOf({ senders, keepalives: [keepalive(60, 'gate')] }, 30, 90)).toEqual([
        [30, 60, 'on-time', 0],
        [60, 70, 'gate', 1],
        [70, 80, 'no-sender', 0],
        [80, 90, 'on-time', 0],
      ]);
    });
  });

  describe('of keep-alives that were not sent', () => {
    it('has the cause of the last one, and counts those that were due', () => {
      const keepalives = [keepalive(60, 'gate'), keepalive(90, 'gate'), keepalive(120, 'pending')];

      expect(phasesOf({ keepalives }, 30, 130)).toEqual([
        [30, 60, 'on-time', 0],
        [60, 120, 'gate', 2],
        [120, 130, 'pending', 1],
      ]);
    });

    it('has the code of the first failure', () => {
      const keepalives = [keepalive(30, 'failed', 'A'), keepalive(60, 'failed', 'B'), keepalive(90, 'gate', null)];
      const phases = new Timeline(historyWith({ keepalives })).phases(0, 120_000);

      expect(phases.map(({ cause, code }) => [cause, code])).toEqual([
        ['on-time', null],
        ['failed', 'A'],
        ['gate', null],
      ]);
    });

    it('counts one at the very end, but nothing else that happened then', () => {
      const history = { senders: spans([0, 70]) };

      expect(phasesOf({ ...history, keepalives: [keepalive(60, 'gate'), keepalive(70, 'gate')] }, 40, 70)).toEqual([
        [40, 60, 'on-time', 0],
        [60, 70, 'gate', 2],
      ]);
      expect(
        phasesOf({ keepalives: [keepalive(50, 'gate'), keepalive(60, 'pending'), keepalive(70, 'pending')] }, 40, 70),
      ).toEqual([
        [40, 50, 'on-time', 0],
        [50, 60, 'gate', 1],
        [60, 70, 'pending', 2],
      ]);
      expect(phasesOf({ ...history, keepalives: [keepalive(60, 'gate'), keepalive(70, 'sent')] }, 40, 70)).toEqual([
        [40, 60, 'on-time', 0],
        [60, 70, 'gate', 1],
      ]);
      expect(phasesOf({ keepalives: [keepalive(60, 'gate'), keepalive(70.001, 'gate')] }, 40, 70)).toEqual([
        [40, 60, 'on-time', 0],
        [60, 70, 'gate', 1],
      ]);
    });

    it('takes nothing from before its beginning', () => {
      expect(phasesOf({ keepalives: [keepalive(40, 'gate')] }, 40, 70)).toEqual([[40, 70, 'on-time', 0]]);
    });
  });

  describe('in which the process did not run', () => {
    it('lasts from when the heartbeat was due until it came', () => {
      const late = [{ atMs: 90_000, lateMs: 30_000 }];

      expect(phasesOf({ late, keepalives: [keepalive(90, 'gate')] }, 30, 100)).toEqual([
        [30, 60, 'on-time', 0],
        [60, 90, 'late', 0],
        [90, 100, 'gate', 1],
      ]);
    });

    it('ends with the silence where that heartbeat ended it', () => {
      expect(phasesOf({ late: [{ atMs: 90_050, lateMs: 20_000 }] }, 50, 90)).toEqual([
        [50, 70.05, 'on-time', 0],
        [70.05, 90, 'late', 0],
      ]);
      expect(phasesOf({ late: [{ atMs: 90_051, lateMs: 20_000 }] }, 60, 90)).toEqual([[60, 90, 'on-time', 0]]);
      expect(phasesOf({ late: [{ atMs: 90_040, lateMs: 30 }] }, 60, 90)).toEqual([[60, 90, 'on-time', 0]]);
    });

    it('follows the cause of a keep-alive before it', () => {
      const late = [{ atMs: 120_000, lateMs: 30_000 }];

      expect(phasesOf({ late, keepalives: [keepalive(60, 'failed', 'A')] }, 40, 120)).toEqual([
        [40, 60, 'on-time', 0],
        [60, 90, 'failed', 1],
        [90, 120, 'late', 0],
      ]);
    });
  });

  describe('in which nothing was due for longer than an interval', () => {
    it('is normal up to a tenth and some rounding more', () => {
      expect(phasesOf({}, 10, 43.05)).toEqual([[10, 43.05, 'on-time', 0]]);
      expect(phasesOf({}, 10, 43.051)).toEqual([
        [10, 40, 'on-time', 0],
        [40, 43.051, 'no-heartbeat', 0],
      ]);
    });

    it('has no known cause where the log has neither a trace nor heartbeats', () => {
      expect(phasesOf({ traced: false, hasHeartbeats: false }, 0, 60)).toEqual([[0, 60, 'unknown', 0]]);
      expect(phasesOf({ traced: false }, 0, 60)[1]?.[2]).toBe('no-heartbeat');
      expect(phasesOf({ hasHeartbeats: false }, 0, 60)[1]?.[2]).toBe('no-heartbeat');
    });

    it('comes from short work if each piece ended before its heartbeat was due', () => {
      const busy = spans([0, 20], [25, 45], [50, 70]);

      expect(phasesOf({ busy }, 0, 70)).toEqual([[0, 70, 'short-work', 0]]);
      expect(phasesOf({ busy, cadence: 'steady' }, 0, 70)).toEqual([
        [0, 30, 'on-time', 0],
        [30, 70, 'no-heartbeat', 0],
      ]);
    });

    it('does not come from short work if no piece ended in it', () => {
      const busy = spans([0, 10], [72, 75]);

      expect(phasesOf({ busy }, 12, 75)).toEqual([[12, 75, 'on-time', 0]]);
      expect(phasesOf({ busy }, 12, 76)).toEqual([[12, 76, 'short-work', 0]]);
    });

    it('lacks a heartbeat from an interval after a long piece began', () => {
      expect(phasesOf({ busy: spans([0, 10], [15, 90]) }, 0, 90)).toEqual([
        [0, 45, 'on-time', 0],
        [45, 90, 'no-heartbeat', 0],
      ]);
      expect(phasesOf({ busy: spans([0, 40], [45, 60]) }, 0, 60)).toEqual([
        [0, 30, 'on-time', 0],
        [30, 60, 'no-heartbeat', 0],
      ]);
      expect(phasesOf({ busy: spans([0, 10], [15, 48.05]) }, 0, 48.05)).toEqual([[0, 48.05, 'short-work', 0]]);
    });

    it('counts only the part of a piece of work that lies in it', () => {
      const before = { busy: spans([0, 120], [125, 145], [150, 170]), senders: spans([100, 1_000]) };
      expect(phasesOf(before, 0, 170)).toEqual([
        [0, 100, 'no-sender', 0],
        [100, 170, 'short-work', 0],
      ]);

      const after = { busy: spans([0, 20], [25, 45], [50, 200]), senders: spans([0, 60]) };
      expect(phasesOf(after, 0, 200)).toEqual([
        [0, 60, 'short-work', 0],
        [60, 200, 'no-sender', 0],
      ]);

      expect(phasesOf({ senders: spans([20, 1_000]) }, 0, 90)).toEqual([
        [0, 20, 'no-sender', 0],
        [20, 50, 'on-time', 0],
        [50, 90, 'no-heartbeat', 0],
      ]);
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import type { TrackerHistory } from '../../src/report/history.js';
import { type Silence, silencesOf } from '../../src/report/silences.js';
import { historyWith, keepalive, spans } from './made-history.js';

const RUNNING = new Map([['r', 1]]);

function silencesIn(fields: Partial<TrackerHistory>, limitSeconds = 60): readonly Silence[] {
  return silencesOf(historyWith(fields), limitSeconds * 1_000);
}

function timesOf(fields: Partial<TrackerHistory>): [number, number][] {
  return silencesIn(fields).map(({ startMs, endMs }) => [startMs / 1_000, endMs / 1_000]);
}

describe('silences', () => {
  it('are the times between keep-alives that are longer than an interval, a tenth and some rounding', () => {
    const sent = (at: number): [number, 'sent'] => [at, 'sent'];
    const keepalives = [sent(30), sent(63.05), sent(96.101), sent(120)].map((args) => keepalive(...args));

    expect(timesOf({ busy: spans([0, 130]), keepalives })).toEqual([[63.05, 96.101]]);
  });

  it('are broken by what was sent, and by nothing else', () => {
    const keepalives = [keepalive(30, 'sent'), keepalive(60, 'gate'), keepalive(90, 'failed'), keepalive(120, 'sent')];

    expect(timesOf({ busy: spans([0, 130]), keepalives })).toEqual([[30, 120]]);
  });

  it('begin anew after a pause that is longer than the idle threshold', () => {
    expect(timesOf({ busy: spans([0, 40], [70, 120]) })).toEqual([[0, 120]]);
    expect(timesOf({ busy: spans([0, 40], [70.001, 120]) })).toEqual([
      [0, 40],
      [70.001, 120],
    ]);
    expect(timesOf({ busy: spans([0, 20], [100, 120]) })).toEqual([]);
  });

  it('are broken by a keep-alive at their very beginning or end', () => {
    const keepalives = [keepalive(90, 'sent'), keepalive(100, 'sent'), keepalive(200, 'sent')];
    const [silence, ...others] = silencesIn({ busy: spans([100, 200]), keepalives, runningAtEnd: RUNNING });

    expect(silence).toMatchObject({ startMs: 100_000, endMs: 200_000, followsKeepalive: true, reachesEnd: false });
    expect(others).toEqual([]);
  });

  it('tell whether they follow a keep-alive or the beginning of work', () => {
    expect(
      silencesIn({ busy: spans([0, 100]), keepalives: [keepalive(40, 'sent')] }).map(
        (silence) => silence.followsKeepalive,
      ),
    ).toEqual([false, true]);
  });

  it('reach the end only if work runs there', () => {
    const reaching = (fields: Partial<TrackerHistory>): boolean[] =>
      silencesIn(fields).map((silence) => silence.reachesEnd);

    expect(reaching({ busy: spans([0, 40], [100, 140]), runningAtEnd: RUNNING })).toEqual([false, true]);
    expect(reaching({ busy: spans([0, 40], [100, 140]) })).toEqual([false, false]);
  });

  it('are not known where the log does not show when keep-alives went out', () => {
    const untraced = { traced: false, hasHeartbeats: false };
    const totals = { failed: 0, skipped: 0, withheld: 0, unsent: 0, late: 0 };

    expect(silencesIn({ ...untraced, totals: { ...totals, sent: 1 } })).toEqual([]);
    expect(silencesIn(untraced)).toEqual([]);
    expect(silencesIn({ ...untraced, totals: { ...totals, sent: 0 } })).toHaveLength(1);
    expect(silencesIn({ ...untraced, traced: true })).toHaveLength(1);
    expect(silencesIn({ ...untraced, hasHeartbeats: true })).toHaveLength(1);
  });

  describe('cause', () => {
    const keepalives = [keepalive(30, 'gate'), keepalive(60, 'failed', 'EPIPE'), keepalive(80, 'pending')];
    const causeAt = (limitSeconds: number, fields: Partial<TrackerHistory> = {}): [string, string | null] => {
      const [silence] = silencesIn({ busy: spans([0, 130]), keepalives, ...fields }, limitSeconds);
      return [silence?.cause ?? '', silence?.code ?? null];
    };

    it('is that of the time in which they became too long', () => {
      expect(causeAt(59.999)).toEqual(['gate', null]);
      expect(causeAt(60)).toEqual(['failed', 'EPIPE']);
      expect(causeAt(80)).toEqual(['pending', null]);
    });

    it('is that of the longest time where they became too long before anything was due, or not at all', () => {
      expect(causeAt(20)).toEqual(['pending', null]);
      expect(causeAt(130)).toEqual(['pending', null]);
      expect(causeAt(130, { keepalives: keepalives.slice(0, 2) })).toEqual(['failed', 'EPIPE']);
    });

    it('is the first of two that last as long', () => {
      expect(causeAt(200, { busy: spans([0, 90]), keepalives: keepalives.slice(0, 2) })).toEqual(['gate', null]);
    });

    it('is one that is known rather than one that is not', () => {
      const unknown = [keepalive(30, 'unknown'), keepalive(100, 'gate')];

      expect(causeAt(50, { keepalives: unknown })).toEqual(['gate', null]);
      expect(causeAt(50, { keepalives: unknown.slice(0, 1) })).toEqual(['unknown', null]);
      expect(causeAt(20, { busy: spans([0, 50]), keepalives: unknown.slice(0, 1) })).toEqual(['unknown', null]);
    });
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';
import { HEARTBEAT, LATE } from '../support/observed-tracker.js';
import { type Fixture, startFixture } from './start-fixture.js';

jest.setTimeout(60_000);

beforeAll(() => {
  builtPackage();
});

/** What the session saw. Every time is the clock's reading by which the tracker decided. */
interface Observed {
  readonly intervalMs: number;
  readonly startedAtMs: number;
  readonly log: readonly { readonly atMs: number; readonly event: string; readonly late_ms?: number }[];
  readonly sends: readonly number[];
  readonly lateHeartbeats: number;
}

/** Five and a half intervals. */
const STANDSTILL_MS = 825;
/** The beat that was due within the first interval of a standstill is later than this. */
const LATE_MS = 600;
/** What rounding to whole milliseconds and timers that fire early make of a time. */
const TOLERANCE_MS = 2;

async function observed(child: Fixture): Promise<Observed> {
  const { code, lines, stderr } = await child.ended;
  expect({ code, stderr, lines: lines.length }).toEqual({ code: 0, stderr: '', lines: 2 });
  return JSON.parse(lines[1] ?? '') as Observed;
}

function beatsOf({ log }: Pick<Observed, 'log'>): Observed['log'] {
  return log.filter(({ event }) => event === HEARTBEAT);
}

/** Says so by the tracker's own times alone, so that it holds on a machine that is slow besides. */
function expectOneLateBeat({ intervalMs, startedAtMs, log, lateHeartbeats }: Observed): void {
  const at = log.findIndex(({ late_ms = 0 }) => late_ms >= LATE_MS);
  const before = beatsOf({ log: log.slice(0, at) });
  const beats = beatsOf({ log: log.slice(at) });
  const lateAtMs = log[at]?.atMs ?? NaN;
  const dueAtMs = lateAtMs - (log[at]?.late_ms ?? NaN);

  // Reported with its lateness, against the beat that was due next, and once.
  expect(log.slice(at, at + 2).map(({ event }) => event)).toEqual([LATE, HEARTBEAT]);
  expect(beats[0]?.atMs).toBe(lateAtMs);
  expect(Math.abs(offTheRhythm(dueAtMs - startedAtMs, intervalMs))).toBeLessThan(TOLERANCE_MS);
  const sinceLastMs = dueAtMs - (before.at(-1)?.atMs ?? NaN);
  expect(sinceLastMs).toBeGreaterThan(-TOLERANCE_MS);
  expect(sinceLastMs).toBeLessThan(intervalMs + TOLERANCE_MS);
  expect(lateHeartbeats).toBe(log.filter(({ event }) => event === LATE).length);

  // No beat of those that follow came before its own multiple of the interval.
  const taken = Math.floor((lateAtMs - startedAtMs) / intervalMs);
  const early = beats.filter(
    ({ atMs }, nth) => nth > 0 && atMs < startedAtMs + (taken + nth) * intervalMs - TOLERANCE_MS,
  );
  expect(early).toEqual([]);
  expect(beats.length).toBeGreaterThanOrEqual(5);
}

/** How far `ms` is from the nearest multiple of `intervalMs`. */
function offTheRhythm(ms: number, intervalMs: number): number {
  return ms - Math.round(ms / intervalMs) * intervalMs;
}

describe('a process that stands still for some intervals', () => {
  describe('sends one late beat, reported with its lateness, and no burst', () => {
    it('when it is stopped by SIGSTOP until SIGCONT', async () => {
      using child = startFixture('late-beats', '0', String(LATE_MS));
      await child.started;
      child.kill('SIGSTOP');
      await sleep(STANDSTILL_MS);
      child.kill('SIGCONT');
      const session = await observed(child);
      expectOneLateBeat(session);
      expect(session.sends).toEqual(beatsOf(session).map(({ atMs }) => atMs));
    });

    it('when its event loop is blocked', async () => {
      using child = startFixture('late-beats', String(STANDSTILL_MS), String(LATE_MS));
      const session = await observed(child);
      expectOneLateBeat(session);
      expect(session.sends).toEqual(beatsOf(session).map(({ atMs }) => atMs));
    });
  });
});

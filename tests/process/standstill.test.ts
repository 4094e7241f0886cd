import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';
import { HEARTBEAT, LATE } from '../support/observed-tracker.js';
import { stoodStillMs } from '../support/witness.js';
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
  /** When a plain interval of 2 ms ticked. */
  readonly ticks: readonly number[];
}

/** Five and a half intervals. */
const STANDSTILL_MS = 825;
/** The beat that was due within the first interval of a standstill is later than this. */
const LATE_MS = 600;
/** What rounding to whole milliseconds and timers that fire early make of a time. */
const TOLERANCE_MS = 2;
/** How late a beat may be on a machine that never stands still. */
const TIMERS_LATENESS_MS = 8;

async function observed(child: Fixture): Promise<Observed> {
  const { code, lines, stderr } = await child.ended;
  expect({ code, stderr, lines: lines.length }).toEqual({ code: 0, stderr: '', lines: 2 });
  return JSON.parse(lines[1] ?? '') as Observed;
}

/** A heartbeat, and what the clock and the witness say of it. */
interface Beat {
  readonly atMs: number;
  /** What the tracker says, `undefined` where it says nothing. */
  readonly reportedMs: number | undefined;
  /** Against the first multiple of the interval, since the start, that was still to come at the beat before. */
  readonly lateMs: number;
  /** For how much of that the process stood still. */
  readonly excusedMs: number;
}

function beatsOf({ intervalMs, startedAtMs, log, ticks }: Observed): Beat[] {
  let taken = 0;
  return log.flatMap(({ atMs, event }, nth) => {
    if (event !== HEARTBEAT) return [];
    const before = log[nth - 1];
    const dueAtMs = startedAtMs + (taken + 1) * intervalMs;
    taken = Math.max(taken + 1, Math.floor((atMs - startedAtMs) / intervalMs));
    return {
      atMs,
      reportedMs: before?.event === LATE ? before.late_ms : undefined,
      lateMs: atMs - dueAtMs,
      excusedMs: stoodStillMs(ticks, dueAtMs, atMs),
    };
  });
}

/** Says that every beat came at its multiple, but for what the process stood still, and that each late one says so. */
function expectOneLateBeat(session: Observed): void {
  const { intervalMs, log, lateHeartbeats } = session;
  const beats = beatsOf(session);
  for (const { lateMs, excusedMs, reportedMs } of beats) {
    expect(lateMs).toBeGreaterThan(-TOLERANCE_MS);
    expect(lateMs - excusedMs).toBeLessThan(TIMERS_LATENESS_MS);
    const isLate = lateMs >= intervalMs / 10;
    expect(reportedMs).toEqual(isLate ? Math.floor(lateMs) : undefined);
  }
  expect(log.filter(({ event }) => event === LATE)).toHaveLength(lateHeartbeats);

  const afterStandstill = beats.slice(beats.findIndex(({ lateMs }) => lateMs >= LATE_MS));
  expect(afterStandstill.length).toBeGreaterThanOrEqual(5);
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

import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { drawPage } from '../../src/report/draw.js';
import { explain } from '../../src/report/explain.js';
import { textReport } from '../../src/report/text.js';
import { traceEvents } from '../../src/report/trace.js';
import { BASE_MS } from './logged-session.js';
import { reportOf } from './report-of.js';
import { SCENARIOS } from './scenarios.js';

/** Some lines of a real session, moved in time and written by another process. */
interface Part {
  readonly scenario: string;
  readonly pid: number;
  readonly laterMs: number;
  /** Which lines are in the log, one after another, beginning anew at the end. */
  readonly kept: readonly boolean[];
}

const LOG = fc.array(
  fc.record<Part>({
    scenario: fc.constantFrom(...Object.keys(SCENARIOS)),
    pid: fc.constantFrom(1, 2),
    laterMs: fc.constantFrom(0, 5, 60_000, 3_600_000),
    kept: fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
  }),
  { minLength: 1, maxLength: 4 },
);
const MADE_UP = /undefined|NaN|Infinity|Invalid/;

describe('log that lacks lines', () => {
  const whole = new Map<string, string[]>();
  beforeAll(async () => {
    for (const [name, play] of Object.entries(SCENARIOS)) {
      const lines: string[] = [];
      await play('s', lines);
      whole.set(name, lines);
    }
  });

  const linesOf = (parts: readonly Part[]): string[] =>
    parts.flatMap(({ scenario, pid, laterMs, kept }) =>
      (whole.get(scenario) ?? [])
        .filter((_, index) => kept[index % kept.length])
        .map((text) => {
          const fields = JSON.parse(text) as { time: number };
          return JSON.stringify({ ...fields, time: fields.time + laterMs, pid });
        }),
    );

  it('is reported all the same, with nothing made up', async () => {
    await fc.assert(
      fc.asyncProperty(LOG, fc.constantFrom(-Infinity, BASE_MS + 30_000, BASE_MS + 200_000), async (parts, fromMs) => {
        const { explained, log } = await reportOf(linesOf(parts), { fromMs });
        if (explained.length === 0) return;

        expect(textReport(explained, log, { limitMs: 60_000, columns: 80, colors: false })).not.toMatch(MADE_UP);
        expect(drawPage(explained, log, 60_000).replace(/<script>.*<\/script>/s, '')).not.toMatch(MADE_UP);
        expect(JSON.stringify([...traceEvents(explained)])).not.toMatch(MADE_UP);
      }),
      { numRuns: 200 },
    );
  });

  it('has silences whose phases follow one another from end to end', async () => {
    await fc.assert(
      fc.asyncProperty(LOG, async (parts) => {
        const { explained } = await reportOf(linesOf(parts));
        const silences = explained.flatMap(({ trackers }) => trackers.flatMap(({ verdict }) => verdict.overLimit));
        for (const { startMs, endMs, phases } of silences) {
          expect(phases.map((phase) => phase.startMs)).toEqual([
            startMs,
            ...phases.slice(0, -1).map((phase) => phase.endMs),
          ]);
          expect(phases.at(-1)?.endMs).toBe(endMs);
          expect(phases.every((phase) => phase.endMs > phase.startMs)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('log of very many trackers', () => {
  it('is reported, though they are more than a call may have arguments', async () => {
    const lines: string[] = [];
    await SCENARIOS['idle']?.('s', lines);
    const { explained, log } = await reportOf(lines);
    const sessions = explained.map(({ id, worst }) => ({
      id,
      trackers: Array.from({ length: 150_000 }, () => worst.history),
    }));
    const many = explain(sessions, 60_000);

    expect(textReport(many, log, { limitMs: 60_000, columns: 80, colors: false })).toContain('had 150,000 trackers');
    expect(drawPage(many, log, 60_000)).toContain('had 150,000 trackers');
  });
});

import { describe, expect, it } from '@jest/globals';
import type { TrackerHistory } from '../../src/report/history.js';
import type { Cause, Phase } from '../../src/report/phases.js';
import {
  describeIdleEnd,
  describeMissingSender,
  describeSilence,
  endClause,
  endLabel,
  workAtEnd,
} from '../../src/report/sentences.js';
import type { Silence } from '../../src/report/silences.js';
import { historyWith, keepalive, spans } from './made-history.js';

const time = (ms: number): string => `0:${ms / 1_000}`;

const phase = (start: number, end: number, cause: Cause, code: string | null = null): Phase => ({
  ...{ startMs: start * 1_000, endMs: end * 1_000 },
  ...{ cause, code, due: 1 },
});
const silence = (start: number, end: number, fields: Partial<Silence> = {}): Silence => ({
  ...{ startMs: start * 1_000, endMs: end * 1_000 },
  phases: [phase(start, end, 'gate')],
  ...{ cause: 'gate', code: null, followsKeepalive: false, reachesEnd: false },
  ...fields,
});

describe('describeIdleEnd', () => {
  const textOf = (fields: Partial<TrackerHistory>): string => describeIdleEnd(historyWith(fields), time);

  it('tells when the last work ended, and for how long nothing ran then', () => {
    const busy = spans([0, 10], [20, 30]);

    expect(textOf({ busy, lastMs: 30_999 })).toBe(
      'The last work ended at 0:30: stopping it then was right, and no work was lost.',
    );
    expect(textOf({ busy, lastMs: 31_000 })).toContain('ended at 0:30 and the session was idle for 1 s: stopping');
  });

  it('does not tell when work ended where none ran', () => {
    expect(textOf({ busy: [] })).toBe('Nothing ran at the end: stopping it was right, and no work was lost.');
  });
});

describe('describeMissingSender', () => {
  it('tells of the last keep-alive that went out', () => {
    const history = historyWith({ keepalives: [keepalive(10, 'sent'), keepalive(20, 'gate')], lastMs: 30_000 });

    expect(describeMissingSender(history, time)).toMatch(/^Last keep-alive 0:10\. No sender was ever registered/);
  });
});

describe('describeSilence', () => {
  const busy = spans([0, 5], [10, 100]);
  const textOf = (about: Silence, fields: Partial<TrackerHistory> = {}): string =>
    describeSilence(about, historyWith({ busy, activities: [], lastMs: 100_000, ...fields }), time);

  describe('begins', () => {
    const beginOf = (...args: Parameters<typeof textOf>): string => textOf(...args).replace(/ The gate was .*/, '');

    it('with the keep-alive that it follows', () => {
      expect(beginOf(silence(10, 90, { followsKeepalive: true }))).toBe('Last keep-alive 0:10.');
    });

    it('with the beginning of work, and the keep-alive before it', () => {
      const keepalives = [keepalive(1, 'sent'), keepalive(2, 'sent'), keepalive(3, 'gate'), keepalive(50, 'sent')];

      expect(beginOf(silence(10, 50), { keepalives })).toBe('Last keep-alive 0:2; work began again at 0:10.');
    });

    it('with the beginning of work, if a keep-alive went out only later', () => {
      expect(beginOf(silence(10, 50), { keepalives: [keepalive(50, 'sent')] })).toBe(
        'Work began at 0:10; no keep-alive had gone out yet.',
      );
    });

    it('with the beginning of work, if no keep-alive ever went out', () => {
      expect(beginOf(silence(0, 50), { keepalives: [keepalive(5, 'gate')] })).toBe(
        'No keep-alive ever went out. Work began at 0:0.',
      );
      expect(beginOf(silence(10, 50))).toBe('No keep-alive ever went out. Work began again at 0:10.');
    });
  });

  describe('tells why', () => {
    const causesOf = (about: Silence, fields?: Partial<TrackerHistory>): string =>
      /(?:began|began again) at [0-9:]+\. (.*): silent for/.exec(textOf(about, fields))?.[1] ?? '';

    it.each([
      ['the whole time', [phase(10, 90, 'gate')], 'The gate was closed the whole time'],
      [
        'from a time on',
        [phase(10, 30, 'on-time'), phase(30, 90, 'failed', 'EPIPE')],
        'Sends failed (EPIPE) from 0:30 on',
      ],
      [
        'from a time to another',
        [phase(10, 30, 'gate'), phase(30, 90, 'on-time')],
        'The gate was closed from 0:10 to 0:30',
      ],
      ['if nothing was due', [phase(10, 90, 'on-time')], 'No keep-alive was due yet'],
      [
        'one after the other',
        [phase(10, 30, 'gate'), phase(30, 50, 'pending'), phase(50, 90, 'no-sender')],
        'The gate was closed from 0:10 to 0:30, then the previous send was still pending from 0:30 to 0:50, then no sender was registered from 0:50 on',
      ],
      [
        'and until when, if the next heartbeat was not due yet',
        [phase(10, 30, 'on-time'), phase(30, 50, 'gate'), phase(50, 90, 'on-time')],
        'The gate was closed from 0:30 to 0:50',
      ],
      [
        'where the process did not run',
        [phase(10, 40, 'on-time'), phase(40, 90, 'late')],
        'The process did not run for 50 s (event loop blocked or process suspended) until 0:90',
      ],
      [
        'where no heartbeat came',
        [phase(10, 40, 'on-time'), phase(40, 90, 'no-heartbeat')],
        'No heartbeat came though one was due at 0:40 (event loop blocked or process suspended)',
      ],
      [
        'where work was short',
        [phase(10, 90, 'short-work')],
        'Each piece of work ended before its heartbeat was due, and each new piece restarted the interval',
      ],
    ])('%s', (_, phases, text) => {
      expect(causesOf(silence(10, 90, { phases }))).toBe(text);
    });

    it('with less certainty where the log has no trace', () => {
      const phases = [phase(10, 40, 'on-time'), phase(40, 90, 'no-heartbeat')];

      expect(causesOf(silence(10, 90, { phases }), { traced: false })).toContain(
        'at 0:40 (no sender, event loop blocked',
      );
    });

    it('in three parts at most: those of its cause, and then the longest', () => {
      const phases = [
        phase(10, 12, 'gate'),
        phase(12, 30, 'failed'),
        phase(30, 50, 'pending'),
        phase(50, 51, 'gate'),
        phase(51, 60, 'transport'),
      ];

      expect(causesOf(silence(10, 90, { phases }))).toBe(
        'The gate was closed from 0:10 to 0:12, then the previous send was still pending from 0:30 to 0:50, then the gate was closed from 0:50 to 0:51 (and 2 other stretches)',
      );
      expect(causesOf(silence(10, 90, { phases: phases.slice(0, 4), cause: 'failed' }))).toBe(
        'The gate was closed from 0:10 to 0:12, then sends failed from 0:12 to 0:30, then the previous send was still pending from 0:30 to 0:50 (and 1 other stretch)',
      );
    });
  });

  describe('ends', () => {
    const endOf = (...args: Parameters<typeof textOf>): string =>
      textOf(...args).replace(/.*: silent for (.*) while .* ran, /, '$1, ');

    it('with the keep-alive that went out then, or with the work', () => {
      expect(endOf(silence(10, 90), { keepalives: [keepalive(90, 'sent')] })).toBe(
        '1 min 20 s, until a keep-alive went out at 0:90.',
      );
      expect(endOf(silence(10, 90), { keepalives: [keepalive(90, 'gate'), keepalive(95, 'sent')] })).toBe(
        '1 min 20 s, until the work ended at 0:90.',
      );
    });

    it('with the session', () => {
      expect(endOf(silence(10, 100, { reachesEnd: true }), { truncated: true })).toBe(
        '1 min 30 s, until the end of the chosen time at 0:100.',
      );
    });

    it('with less certainty where something is not known', () => {
      const phases = [phase(10, 50, 'unknown'), phase(50, 90, 'gate')];

      expect(endOf(silence(10, 90, { phases }))).toMatch(/^up to 1 min 20 s, /);
    });
  });

  describe('names what ran', () => {
    const activity = (reason: string, start: number, end: number) => ({
      ...{ reason, running: false },
      ...{ startMs: start * 1_000, endMs: end * 1_000 },
    });
    const workOf = (...args: Parameters<typeof textOf>): string | undefined =>
      / while (.*) ran, /.exec(textOf(...args))?.[1];

    it('during the silence', () => {
      const activities = [
        activity('before', 0, 10),
        activity('a', 5, 11),
        activity('b', 20, 30),
        activity('b', 40, 50),
        activity('c', 90, 95),
        activity('later', 90.001, 95),
      ];

      expect(workOf(silence(10, 90), { activities })).toBe('a, b and c');
    });

    it('at the end, if the silence lasts until then', () => {
      const activities = [activity('a', 0, 100)];
      const runningAtEnd = new Map([['b', 2]]);

      expect(workOf(silence(10, 100, { reachesEnd: true }), { activities, runningAtEnd })).toBe('b (2)');
      expect(workOf(silence(10, 100, { reachesEnd: true, cause: 'short-work' }), { activities, runningAtEnd })).toBe(
        'a',
      );
    });

    it('as work where the log does not tell', () => {
      expect(workOf(silence(10, 90))).toBe('work');
    });
  });
});

describe('workAtEnd', () => {
  const textOf = (...running: [string, number][]): string => workAtEnd(historyWith({ runningAtEnd: new Map(running) }));

  it('names three reasons at most', () => {
    expect(textOf(['a', 1], ['b', 2], ['c', 1])).toBe('a, b (2) and c');
    expect(textOf(['a', 1], ['b', 2], ['c', 1], ['d', 1])).toBe('a, b (2), c and 1 other reason');
  });

  it('begins a sentence with work whose reason is not known, and leaves names alone', () => {
    expect(textOf(['work', 1])).toBe('Work');
    expect(textOf(['work', 2])).toBe('Work (2)');
    expect(textOf(['working', 1])).toBe('working');
    expect(textOf(['my work', 1])).toBe('my work');
  });

  it('shows no character that would act upon a terminal', () => {
    expect(textOf(['a\u0007', 1])).toBe('a\ufffd');
  });
});

describe('end of a tracker', () => {
  const endOf = (fields: Partial<TrackerHistory>): [string, string] => {
    const history = historyWith({ lastMs: 100_000, ...fields });
    return [endLabel(history), endClause(history, time)];
  };

  it('is its shutdown, the end of the chosen time or that of the log', () => {
    expect(endOf({ shutDownMs: 99_000, truncated: true })).toEqual([
      'shut down',
      'until the session was shut down at 0:99',
    ]);
    expect(endOf({ truncated: true })).toEqual(['still running', 'until the end of the chosen time at 0:100']);
    expect(endOf({})).toEqual([
      'log ends',
      'until the log ends at 0:100 without a shutdown report: the process was killed outright, or still runs',
    ]);
  });

  it('is told from that of its process, if that went on for more than an interval', () => {
    expect(endOf({ processLastMs: 130_000 })[1]).toMatch(/^until the log ends /);
    expect(endOf({ processLastMs: 130_001 })[1]).toBe(
      "until this session's lines end at 0:100; its process kept logging until 0:130.001, so it was alive, but this tracker had no heartbeat",
    );
  });
});

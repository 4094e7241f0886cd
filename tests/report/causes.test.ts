import { describe, expect, it } from '@jest/globals';
import { causeClause, remedy, shortCause } from '../../src/report/causes.js';
import type { Cause } from '../../src/report/phases.js';

/** Of each cause: a few words, a clause, and the beginning of what to do. */
const CAUSES: readonly (readonly [Cause, string, string, string])[] = [
  ['gate', 'gate closed', 'the gate was closed', 'Open the keep-alive gate.'],
  ['no-sender', 'no sender', 'no sender was registered', 'The transport was gone'],
  ['failed', 'sends failed', 'sends failed', 'Look at the transport.'],
  ['transport', 'nothing to send on', 'the sender had nothing to send on', 'The sender returned NOT_SENT'],
  ['overdue', 'all work overdue', 'all running work was overdue', 'The tracker stopped sending on purpose.'],
  ['pending', 'previous send pending', 'the previous send was still pending', 'A send must settle'],
  ['late', 'process did not run', 'the process did not run', 'The event loop was blocked or'],
  ['no-heartbeat', 'no heartbeat came', 'no heartbeat came though one was due', 'The event loop was blocked, or'],
  [
    'short-work',
    'work shorter than the interval',
    'each piece of work ended before its heartbeat was due',
    "With the cadence `'restart'`",
  ],
  [
    'aborted',
    'sender replaced during a send',
    'the sender was replaced or removed in the middle of a send',
    'Register a new sender only once',
  ],
  [
    'unknown',
    'the log cannot tell',
    'the log does not say what became of the keep-alives',
    'Run with `trace: true` and log at level debug',
  ],
  ['on-time', 'none was due yet', 'no keep-alive was due yet', 'If the platform allows less silence'],
];

describe('cause of a silence', () => {
  it.each(CAUSES)('%s has words for a heading, words for a sentence, and a remedy', (cause, short, clause, todo) => {
    expect([shortCause({ cause }), causeClause({ cause })]).toEqual([short, clause]);
    expect(remedy(cause).startsWith(todo)).toBe(true);
  });

  it.each([
    [null, 'sends failed'],
    ['timeout', 'sends timed out'],
    ['EPIPE', 'sends failed (EPIPE)'],
  ])('tells how sends failed: %s', (code, words) => {
    expect(shortCause({ cause: 'failed', code })).toBe(words);
    expect(causeClause({ cause: 'failed', code })).toBe(words);
  });

  it('has a code only if sends failed', () => {
    expect(shortCause({ cause: 'gate', code: 'EPIPE' })).toBe('gate closed');
  });
});

import { describe, expect, it } from '@jest/globals';
import { createTestTracker } from '../../src/testing/index.js';
import type { TrackerOptions } from '../../src/tracker/options.js';
import { pageAt } from './pages.js';

const MS_PER_CHARACTER = 3_000;
const LABEL = 'events    '.length;
const HEADING = /^cadence: '(restart|steady)'/;

const diagrams = pageAt('docs/options-and-cadences.md').blocks.filter(({ code }) => HEADING.test(code));

/** The row of that name, after its label. */
function rowOf(code: string, name: string): string {
  const row = code.split('\n').find((line) => line.startsWith(name)) ?? '';
  return row.slice(LABEL).trimEnd();
}

/** The row of events that a tracker logs while that work runs, and until `length` characters have passed. */
function eventsDuring(work: string, length: number, cadence: TrackerOptions['cadence']): string {
  const { tracker, clock, diagnostics } = createTestTracker({ cadence });
  tracker.registerCallback(() => undefined);
  let row = '';
  for (const character of work.padEnd(length)) {
    const { refcount } = tracker.snapshot();
    if (character === '=' && refcount === 0) tracker.start('tool_exec');
    if (character !== '=' && refcount === 1) tracker.stop('tool_exec');
    clock.advance(0);
    const events = diagnostics.events.splice(0).map(({ event }) => event);
    row += events.includes('session_keepalive_heartbeat') ? '^' : events.includes('session_idle_30s') ? 'i' : ' ';
    clock.advance(MS_PER_CHARACTER);
  }
  return row.trimEnd();
}

describe('the page on cadences', () => {
  it.each(diagrams.map((block) => [block.name, block.code] as const))('draws what a tracker does: %s', (_, code) => {
    const work = rowOf(code, 'work');
    const events = rowOf(code, 'events');
    const cadence = HEADING.exec(code)?.[1] as TrackerOptions['cadence'];
    const length = Math.max(work.length, rowOf(code, 'seconds').length, events.length);
    expect(events).toBe(eventsDuring(work, length, cadence));
  });

  it('draws each cadence', () => {
    const drawn = diagrams.map(({ code }) => HEADING.exec(code)?.[1]);
    expect([...new Set(drawn)]).toEqual(['restart', 'steady']);
  });
});

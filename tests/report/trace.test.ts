import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type TraceEvent, traceEvents, writeTrace } from '../../src/report/trace.js';
import { BASE_MS, LoggedSession } from './logged-session.js';
import { reportOf } from './report-of.js';
import { SCENARIOS } from './scenarios.js';

async function traceOf(...scenarios: string[]): Promise<TraceEvent[]> {
  const lines: string[] = [];
  for (const scenario of scenarios) await SCENARIOS[scenario]?.(scenario, lines);
  return [...traceEvents((await reportOf(lines)).explained)];
}

const seconds = ({ ts }: TraceEvent): number => (ts / 1_000 - BASE_MS) / 1_000;

describe('trace events', () => {
  it('give each session a process with its name, the worst first', async () => {
    const events = await traceOf('idle', 'gate closed');

    expect(events.filter(({ name }) => name === 'process_name').map(({ pid, args }) => [pid, args?.['name']])).toEqual([
      [1, 'gate closed'],
      [2, 'idle'],
    ]);
  });

  it('begin and end each activity under an id of its own', async () => {
    const events = (await traceOf('idle', 'gate closed')).filter(({ cat }) => cat === 'activity');
    const begins = events.filter(({ ph }) => ph === 'b');
    const ends = events.filter(({ ph }) => ph === 'e');

    expect(begins.map((event) => [event.name, seconds(event)])).toEqual([
      ['api_call', 0],
      ['tool_exec', 120],
      ['api_call', 0],
    ]);
    expect(ends.map(seconds)).toEqual([70, 310, 70]);
    expect(ends.map(({ id, pid, name }) => [id, pid, name])).toEqual(
      begins.map(({ id, pid, name }) => [id, pid, name]),
    );
    expect(new Set(begins.map(({ id }) => id)).size).toBe(3);
  });

  it('mark what still ran at the end', async () => {
    const marked = (await traceOf('gate closed')).filter(({ args }) => args?.['still_running_at_end'] === true);

    expect(marked.map(({ name }) => name)).toEqual(['tool_exec']);
  });

  it('count what runs at each change', async () => {
    const lines: string[] = [];
    const session = new LoggedSession('s', lines);
    const first = session.tracker.start('a');
    session.clock.advance(1_000);
    session.tracker.start('b');
    session.clock.advance(1_000);
    first.stop();
    session.clock.advance(1_000);
    session.tracker.dispose();
    const counter = [...traceEvents((await reportOf(lines)).explained)].filter(({ ph }) => ph === 'C');

    expect(counter.map((event) => [seconds(event), event.args?.['refcount']])).toEqual([
      [0, 1],
      [1, 2],
      [2, 1],
      [3, 0],
    ]);
  });

  it('have an instant for each keep-alive, on a track with a name', async () => {
    const events = await traceOf('gate closed');
    const track = events.find(({ name }) => name === 'thread_name')?.tid;
    const instants = events.filter(({ ph }) => ph === 'i');

    expect(instants.map((event) => [seconds(event), event.name, event.tid])).toEqual([
      ...[30, 60, 150].map((at) => [at, 'keep-alive sent', track]),
      ...[180, 210, 240, 270, 300].map((at) => [at, 'keep-alive not sent: gate closed', track]),
    ]);
  });

  it('show senders, silences and late heartbeats as spans', async () => {
    const spans = (await traceOf('blocked loop')).filter(({ ph, cat }) => ph === 'b' && cat !== 'activity');

    expect(spans.map((event) => [seconds(event), event.cat, event.name])).toEqual([
      [0, 'sender', 'sender registered'],
      [150, 'silence', 'silent: process did not run'],
      [180, 'late', 'late heartbeat'],
    ]);
  });

  it('show no sender where the log does not tell', async () => {
    expect((await traceOf('no trace')).filter(({ cat }) => cat === 'sender')).toEqual([]);
  });

  it('are written as one JSON document, however many', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'trace-'));
    try {
      const lines: string[] = [];
      const { tracker } = new LoggedSession('s', lines);
      for (let n = 0; n < 1_200; n++) tracker.start('r').stop();
      const { explained } = await reportOf(lines);
      const file = join(directory, 'trace.json');
      writeTrace(file, explained);

      const document = JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: unknown[] };
      expect(document.traceEvents).toEqual(JSON.parse(JSON.stringify([...traceEvents(explained)])));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

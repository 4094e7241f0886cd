import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type TraceEvent, traceEvents, writeTrace } from '../../src/report/trace.js';
import { BASE_MS, line, LoggedSession } from './logged-session.js';
import { reportOf } from './report-of.js';
import { SCENARIOS } from './scenarios.js';

async function eventsOf(lines: readonly string[]): Promise<TraceEvent[]> {
  return [...traceEvents((await reportOf(lines)).explained)];
}

async function traceOf(...scenarios: string[]): Promise<TraceEvent[]> {
  const lines: string[] = [];
  for (const scenario of scenarios) await SCENARIOS[scenario]?.(scenario, lines);
  return eventsOf(lines);
}

const seconds = ({ ts }: TraceEvent): number => (ts / 1_000 - BASE_MS) / 1_000;

describe('trace events', () => {
  it('cover two trackers of one session that run at once', async () => {
    const fields = { reason: 'a', refcount: 1 };
    const events = await eventsOf([
      line(0, 'session_activity_started', { ...fields, pid: 1 }),
      line(1, 'session_activity_started', { ...fields, reason: 'b', pid: 2 }),
      line(1, 'session_keepalive_sent', { trigger: 'signal', took_ms: 250, pid: 2 }),
      line(2, 'session_activity_stopped', { ...fields, reason: 'b', refcount: 0, held_ms: 1_000, pid: 2 }),
      line(3, 'session_activity_stopped', { ...fields, refcount: 0, held_ms: 3_000, pid: 1 }),
      line(3, 'session_activity_started', { ...fields, pid: 1 }),
      line(6, 'session_keepalive_failed', { outcome: 'error', error_code: 'EPIPE', pid: 1 }),
    ]);
    const process = { pid: 1, tid: 0 };
    const ts = (seconds: number): number => (BASE_MS + seconds * 1_000) * 1_000;
    const slice = (id: number, cat: string, name: string, from: number, to: number, args: object = {}): object[] => [
      { ph: 'b', cat, name, id, ...process, ts: ts(from), args },
      { ph: 'e', cat, name, id, ...process, ts: ts(to) },
    ];
    const refcount = (at: number, count: number): object => ({
      ...{ ph: 'C', name: 'refcount', ...process },
      ...{ ts: ts(at), args: { refcount: count } },
    });
    const instant = { ph: 'i', s: 't', pid: 1, tid: 1 };

    expect(events).toEqual([
      { ph: 'M', name: 'process_name', ...process, ts: 0, args: { name: 's' } },
      { ph: 'M', name: 'process_sort_index', ...process, ts: 0, args: { sort_index: 0 } },
      { ph: 'M', name: 'thread_name', pid: 1, tid: 1, ts: 0, args: { name: 'keep-alives' } },
      ...[refcount(0, 1), refcount(1, 2), refcount(2, 1), refcount(3, 1), refcount(6, 0)],
      ...slice(1, 'activity', 'a', 0, 3),
      ...slice(2, 'activity', 'a', 3, 6, { still_running_at_end: true }),
      ...slice(3, 'sender', 'sender registered', 0, 6),
      {
        ...{ ...instant, name: 'keep-alive failed', ts: ts(6) },
        args: { trigger: 'signal', code: 'EPIPE', took_ms: undefined },
      },
      ...slice(4, 'activity', 'b', 1, 2),
      ...slice(5, 'sender', 'sender registered', 1, 2),
      {
        ...{ ...instant, name: 'keep-alive sent', ts: ts(0.75) },
        args: { trigger: 'signal', code: null, took_ms: 250 },
      },
    ]);
  });

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
    const counter = (await eventsOf(lines)).filter(({ ph }) => ph === 'C');

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

import { closeSync, openSync, writeSync } from 'node:fs';
import { shortCause } from './causes.js';
import type { ExplainedSession } from './explain.js';
import { printable } from './format.js';
import type { Activity, Span } from './spans.js';
import { SYMBOLS } from './symbols.js';
import { sessionName } from './text.js';

/** One event of the Chrome trace event format, which ui.perfetto.dev opens. */
export type TraceEvent = Readonly<{
  ph: 'b' | 'e' | 'i' | 'C' | 'M';
  name: string;
  pid: number;
  tid: number;
  /** Microseconds. */
  ts: number;
  id?: number;
  cat?: string;
  s?: 't';
  args?: Readonly<Record<string, unknown>>;
}>;

const CHUNK_LENGTH = 100_000;
/** Instants need a named track; slices create their own. */
const KEEPALIVES_TRACK = 1;
const US_PER_MS = 1_000;

/** Writes the sessions as a file of Chrome trace events. */
export function writeTrace(file: string, explained: readonly ExplainedSession[]): void {
  const descriptor = openSync(file, 'w');
  try {
    let chunk = '{"displayTimeUnit":"ms","traceEvents":[\n';
    let separator = '';
    for (const event of traceEvents(explained)) {
      chunk += separator + JSON.stringify(event);
      separator = ',\n';
      if (chunk.length > CHUNK_LENGTH) {
        writeSync(descriptor, chunk);
        chunk = '';
      }
    }
    writeSync(descriptor, `${chunk}\n]}\n`);
  } finally {
    closeSync(descriptor);
  }
}

/** The sessions as trace events, one process each. What still ran at the end is closed there and marked. */
export function* traceEvents(explained: readonly ExplainedSession[]): Generator<TraceEvent> {
  let id = 0;
  for (const [index, { id: sessionId, trackers }] of explained.entries()) {
    const at = { pid: index + 1, tid: 0 };
    const slice = function* (cat: string, name: string, span: Span, args: object = {}): Generator<TraceEvent> {
      id++;
      yield { ph: 'b', cat, name, id, ...at, ts: span.startMs * US_PER_MS, args: { ...args } };
      yield { ph: 'e', cat, name, id, ...at, ts: span.endMs * US_PER_MS };
    };
    yield { ph: 'M', name: 'process_name', ...at, ts: 0, args: { name: sessionName(sessionId) } };
    yield { ph: 'M', name: 'process_sort_index', ...at, ts: 0, args: { sort_index: index } };
    const keepalives = { ...at, tid: KEEPALIVES_TRACK };
    yield { ph: 'M', name: 'thread_name', ...keepalives, ts: 0, args: { name: 'keep-alives' } };
    yield* refcount(
      trackers.flatMap(({ history }) => history.activities),
      at,
    );
    for (const { history, verdict } of trackers) {
      for (const { reason, running, ...span } of history.activities)
        yield* slice('activity', printable(reason), span, running ? { still_running_at_end: true } : {});
      for (const span of history.senders ?? []) yield* slice('sender', 'sender registered', span);
      for (const silence of verdict.overLimit) yield* slice('silence', `silent: ${shortCause(silence)}`, silence);
      for (const { atMs, lateMs } of history.late)
        yield* slice('late', 'late heartbeat', { startMs: atMs - lateMs, endMs: atMs });
      for (const { atMs, outcome, trigger, code, tookMs } of history.keepalives) {
        const name = `keep-alive ${SYMBOLS[outcome].label}`;
        const args = { trigger, code, took_ms: tookMs };
        yield { ph: 'i', s: 't', name, ...keepalives, ts: atMs * US_PER_MS, args };
      }
    }
  }
}

/** How many activities run, at each change. */
function* refcount(activities: readonly Activity[], at: { pid: number; tid: number }): Generator<TraceEvent> {
  const starts = Float64Array.from(activities, ({ startMs }) => startMs).sort();
  const ends = Float64Array.from(activities, ({ endMs }) => endMs).sort();
  const times = new Float64Array(2 * activities.length);
  times.set(starts);
  times.set(ends, starts.length);
  let [started, ended, previousMs] = [0, 0, NaN];
  for (const atMs of times.sort()) {
    if (atMs === previousMs) continue;
    while (starts[started] === atMs) started++;
    while (ends[ended] === atMs) ended++;
    yield { ph: 'C', name: 'refcount', ...at, ts: atMs * US_PER_MS, args: { refcount: started - ended } };
    previousMs = atMs;
  }
}

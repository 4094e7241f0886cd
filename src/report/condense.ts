import type { Keepalive } from './keepalives.js';
import { type Activity, lengthMs, longestFirst, type Span } from './spans.js';

/** One bar of a lane: an activity, or several too short to be told apart. */
export interface Bar extends Span {
  readonly count: number;
  readonly running: boolean;
  /** From 0 at the top. Bars of one row do not overlap, except in the last. */
  readonly row: number;
}

/** One mark for one keep-alive, or for several of the same outcome too close to be told apart. */
export interface Mark {
  readonly keepalive: Keepalive;
  readonly count: number;
}

const MAX_ROWS = 6;
/** An activity shorter than this many cells may share a bar with its neighbours. */
const SHORT_CELLS = 3;

/**
 * Places activities, sorted by their start, in rows.
 *
 * @param max - about how many bars to draw; where there are more, short neighbours share one.
 */
export function layOut(activities: readonly Activity[], span: Span, max: number): { bars: Bar[]; rows: number } {
  const cellMs = lengthMs(span) / max;
  const ends: number[] = [];
  const bars = (activities.length > max ? joinShort(activities, cellMs, max) : activities.map(single)).map((bar) => {
    const free = ends.findIndex((endMs) => endMs <= bar.startMs);
    const row = free === -1 ? Math.min(ends.length, MAX_ROWS - 1) : free;
    ends[row] = Math.max(ends[row] ?? -Infinity, bar.endMs);
    return { ...bar, row };
  });
  return { bars, rows: Math.max(1, ends.length) };
}

type BarWithoutRow = Omit<Bar, 'row'>;

function single({ startMs, endMs, running }: Activity): BarWithoutRow {
  return { startMs, endMs, running, count: 1 };
}

function joinShort(activities: readonly Activity[], cellMs: number, max: number): BarWithoutRow[] {
  const bars: BarWithoutRow[] = [];
  const long: BarWithoutRow[] = [];
  let joined: { startMs: number; endMs: number; count: number; running: boolean } | undefined;
  for (const activity of activities) {
    if (lengthMs(activity) > SHORT_CELLS * cellMs) long.push(single(activity));
    else if (joined !== undefined && activity.startMs <= joined.endMs + cellMs) {
      joined.endMs = Math.max(joined.endMs, activity.endMs);
      joined.count++;
      joined.running ||= activity.running;
    } else bars.push((joined = { ...single(activity) }));
  }
  const longest = long.sort(longestFirst).slice(0, max);
  return [...bars, ...longest].sort((a, b) => a.startMs - b.startMs);
}

/** Joins keep-alives of the same outcome that fall into one of `max` cells. */
export function condense(keepalives: readonly Keepalive[], span: Span, max: number): Mark[] {
  if (keepalives.length <= max) return keepalives.map((keepalive) => ({ keepalive, count: 1 }));
  const cellMs = lengthMs(span) / max;
  const cells = new Map<string, { keepalive: Keepalive; count: number }>();
  for (const keepalive of keepalives) {
    const key = `${keepalive.outcome} ${Math.floor((keepalive.atMs - span.startMs) / cellMs)}`;
    const known = cells.get(key);
    if (known === undefined) cells.set(key, { keepalive, count: 1 });
    else known.count++;
  }
  return [...cells.values()];
}

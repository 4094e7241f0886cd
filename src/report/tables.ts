import { shortCause } from './causes.js';
import { count, duration, list, printable, type TimeFormat } from './format.js';
import type { Keepalive, Outcome } from './keepalives.js';
import { showsSendTimes } from './silences.js';
import type { TrackerHistory } from './history.js';

/** What ran for one reason. */
export interface ReasonRow {
  readonly reason: string;
  readonly count: number;
  readonly totalMs: number;
  readonly longestMs: number;
  /** Still running at the end. */
  readonly running: number;
}

/** Sums up the work of a session by reason, the longest in total first. */
export function reasonRows(trackers: readonly TrackerHistory[]): ReasonRow[] {
  const rows = new Map<string, { -readonly [Key in keyof ReasonRow]: ReasonRow[Key] }>();
  for (const { activities } of trackers)
    for (const { reason, startMs, endMs, running } of activities) {
      let row = rows.get(reason);
      if (row === undefined) rows.set(reason, (row = { reason, count: 0, totalMs: 0, longestMs: 0, running: 0 }));
      row.count++;
      row.totalMs += endMs - startMs;
      row.longestMs = Math.max(row.longestMs, endMs - startMs);
      if (running) row.running++;
    }
  return [...rows.values()].sort((a, b) => b.totalMs - a.totalMs);
}

/** The rows as cells, the heading first, with at most `max` reasons. */
export function reasonTable(trackers: readonly TrackerHistory[], max: number): string[][] {
  const rows = reasonRows(trackers);
  const cells = rows
    .slice(0, max)
    .map(({ reason, count, totalMs, longestMs, running }) => [
      printable(reason),
      count.toLocaleString('en-US'),
      duration(totalMs),
      duration(longestMs),
      String(running),
    ]);
  if (rows.length > max) cells.push([`${rows.length - max} more`, '', '', '', '']);
  return rows.length === 0 ? [] : [['reason', 'count', 'total', 'longest', 'still held'], ...cells];
}

const NOT_SENT = ['gate', 'overdue', 'pending', 'transport', 'aborted'] as const;

/** Further facts about a session, each with a label and a text. */
export function facts(trackers: readonly TrackerHistory[], time: TimeFormat): [label: string, text: string][] {
  const keepalives = trackers.filter(showsSendTimes).flatMap((tracker) => tracker.keepalives);
  const late = trackers.flatMap((tracker) => tracker.late);
  const lines: [string, string][] = [['Keep-alives', keepaliveText(trackers, keepalives, time)]];
  const failed = keepalives.filter(({ outcome }) => outcome === 'failed');
  const [firstFailed] = failed;
  if (firstFailed !== undefined) {
    const codes = [...new Set(failed.map(({ code }) => code ?? 'no code'))].slice(0, 5);
    lines.push(['Failures', `${failed.length} (${list(codes)}), first ${time(firstFailed.atMs)}`]);
  }
  const countOf = (outcome: Outcome): number => keepalives.filter((keepalive) => keepalive.outcome === outcome).length;
  const notSent = NOT_SENT.flatMap((cause) => {
    const n = countOf(cause);
    return n === 0 ? [] : [`${n} ${shortCause({ cause })}`];
  });
  if (notSent.length > 0) lines.push(['Not sent', notSent.join(', ')]);
  const unknown = countOf('unknown');
  if (unknown > 0) lines.push(['Not in the log', `the outcome of ${count(unknown, 'keep-alive')}`]);
  const worst = [...late].sort((a, b) => b.lateMs - a.lateMs)[0];
  if (worst !== undefined)
    lines.push(['Late heartbeats', `${late.length}, the worst by ${duration(worst.lateMs)} at ${time(worst.atMs)}`]);
  const unmatched = trackers.flatMap(({ unmatchedStops }) => [...unmatchedStops]);
  if (unmatched.length > 0)
    lines.push([
      'Stops without a start',
      unmatched
        .slice(0, 5)
        .map(([reason, n]) => `${printable(reason)} ${n}`)
        .join(', '),
    ]);
  return lines;
}

function keepaliveText(
  trackers: readonly TrackerHistory[],
  keepalives: readonly Keepalive[],
  time: TimeFormat,
): string {
  const sent = keepalives.filter(({ outcome }) => outcome === 'sent');
  const last = sent.at(-1);
  if (last !== undefined) return `${sent.length} sent, the last at ${time(last.atMs)}`;
  if (trackers.every(showsSendTimes)) return 'none went out';
  const counted = trackers.reduce((sum, { totals }) => sum + (totals?.sent ?? 0), 0);
  return counted > 0 ? `${counted} sent, by the tracker's own count` : 'the log does not say';
}

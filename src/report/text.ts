import type { ExplainedSession, ExplainedTracker } from './explain.js';
import { count, day, duration, printable } from './format.js';
import { extentOf } from './history.js';
import type { Log } from './read.js';
import { facts, reasonTable } from './tables.js';
import { toneOf } from './verdict.js';

export interface TextOptions {
  readonly limitMs: number;
  readonly columns: number;
  readonly colors: boolean;
}

/** How many sessions are reported in full, and how many more get one line. */
const MAX_FULL = 10;
const MAX_LINES = 40;
const MAX_REASONS = 20;
const INDENT = '   ';
const ANSI_COLORS = { bad: 31, warn: 33, good: 32 } as const;

/** What a log is about, in one line. */
export function summaryLine(explained: readonly ExplainedSession[], log: Log): string {
  const histories = explained.flatMap(({ trackers }) => trackers.map(({ history }) => history));
  const { startMs: firstMs, endMs: lastMs } = extentOf(histories);
  const time = (ms: number): string => new Date(ms).toISOString().slice(11, 19);
  const end = day(firstMs) === day(lastMs) ? time(lastMs) : `${day(lastMs)} ${time(lastMs)}`;
  const skipped = log.skipped > 0 ? `; ${count(log.skipped, 'other line')} skipped` : '';
  return `${count(explained.length, 'session')}, ${count(log.events, 'event')}, ${day(firstMs)} ${time(firstMs)} to ${end} UTC${skipped}.`;
}

/** The report for a terminal: the worst session first, the answer in its first lines. */
export function textReport(explained: readonly ExplainedSession[], log: Log, options: TextOptions): string {
  const full = explained.slice(0, MAX_FULL).map((session) => sessionText(session, options));
  const others = explained.slice(MAX_FULL, MAX_FULL + MAX_LINES).map((session) => heading(session, options));
  const left = explained.length - full.length - others.length;
  if (left > 0) others.push(`${count(left, 'more session')}, none worse than these.`);
  if (others.length > 0) others.unshift('Others (--session ID for details):');
  return `${[summaryLine(explained, log), ...full, ...(others.length > 0 ? [others.join('\n')] : [])].join('\n\n')}\n`;
}

function sessionText(session: ExplainedSession, options: TextOptions): string {
  const { trackers, worst, time } = session;
  const histories = trackers.map(({ history }) => history);
  const { verdict } = worst;
  const text = (value: string, first = INDENT): string[] => wrap(value, options.columns, first);
  const lines = [heading(session, options), ...text(verdict.text)];
  if (verdict.remedy !== undefined) lines.push(...text(`What to do: ${verdict.remedy}`));
  if (verdict.knownFrom.length > 0) lines.push(...text(`Known from: ${verdict.knownFrom.join('; ')}.`));
  for (const line of verdict.notKnown) lines.push(...text(`Not known: ${line}`));
  if (trackers.length > 1) {
    lines.push(
      '',
      ...text(`The session had ${count(trackers.length, 'tracker')} (its host reconnected or restarted):`),
    );
    for (const [index, tracker] of trackers.slice(0, MAX_REASONS).entries())
      lines.push(...text(`${index + 1}. ${trackerLine(tracker, session)}`));
    if (trackers.length > MAX_REASONS) lines.push(...text(`and ${trackers.length - MAX_REASONS} more.`));
  }
  const table = reasonTable(histories, MAX_REASONS);
  if (table.length > 0) lines.push('', ...alignColumns(table));
  lines.push('', ...facts(histories, time).flatMap(([label, fact]) => text(`${label}: ${fact}.`)));
  const over = trackers.flatMap((tracker) => tracker.verdict.overLimit);
  if (over.length > 0)
    lines.push(
      ...text(
        `Silences longer than ${duration(options.limitMs)}: ${over
          .slice(0, 5)
          .map(({ startMs, endMs }) => `${time(startMs)} to ${time(endMs)} (${duration(endMs - startMs)})`)
          .join(', ')}${over.length > 5 ? ` and ${over.length - 5} more` : ''}.`,
      ),
    );
  return lines.join('\n');
}

/** One tracker of several in a line. */
export function trackerLine({ history, verdict }: ExplainedTracker, { time, worst }: ExplainedSession): string {
  const mark = verdict === worst.verdict ? ' (see above)' : '';
  return `${time(history.firstMs)} to ${time(history.lastMs)}: ${verdict.title}${mark}`;
}

/** How a session is named in the report. */
export function sessionName(id: string | null): string {
  return id === null ? '(no session id)' : printable(id);
}

function heading({ id, worst }: ExplainedSession, { colors }: TextOptions): string {
  const text = `${sessionName(id)}: ${worst.verdict.title}`;
  if (!colors) return text;
  return `\u001b[1;${ANSI_COLORS[toneOf(worst.verdict)]}m${text}\u001b[0m`;
}

function alignColumns(rows: readonly string[][]): string[] {
  const width = (column: number): number =>
    Math.max(...rows.flatMap((row) => row.slice(column, column + 1)).map((cell) => cell.length));
  return rows.map((row) => {
    const cells = row.map((cell, column) => (column === 0 ? cell.padEnd(width(0)) : cell.padStart(width(column))));
    return `${INDENT}${cells.join('  ')}`.trimEnd();
  });
}

function wrap(text: string, columns: number, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  // A number stays with its unit.
  for (const word of text.split(/ (?!(?:ms|s|min|h|d)\b)/)) {
    if (line !== indent && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}

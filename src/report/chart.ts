import { Scale, ticksOf } from './axis.js';
import { borders, lateBands, silenceBands } from './bands.js';
import { condense, layOut } from './condense.js';
import type { ExplainedSession } from './explain.js';
import { duration } from './format.js';
import { escapeHtml, title } from './html.js';
import { type Activity, lengthMs, merge, type Span, subtract } from './spans.js';
import type { TrackerHistory } from './history.js';
import { SYMBOLS } from './symbols.js';
import { reasonRows } from './tables.js';
import { sessionName } from './text.js';

const LABEL_HEIGHT = 17;
const AXIS_HEIGHT = 20;
const MARKS_HEIGHT = 24;
const SENDER_HEIGHT = 7;
const BAR_HEIGHT = 12;
const ROW_HEIGHT = 14;
const LANE_GAP = 6;
const MAX_LANES = 12;
const OTHER_REASONS = 'other reasons';

/**
 * Draws a timeline as SVG. Positions are percentages of the width, so it fits any screen, and the script zooms by
 * widening the inner `svg`.
 *
 * @param maxMarks - about how many shapes to draw.
 */
export function drawChart(session: ExplainedSession, span: Span, maxMarks: number): string {
  const histories = session.trackers.map(({ history }) => history);
  const lanes = lanesOf(histories, span);
  const max = Math.max(60, Math.floor(maxMarks / (lanes.length + 3)));
  const chart = new Chart(session, span, max);
  chart.keepalives(histories);
  chart.senders(histories);
  for (const [reason, activities] of lanes) chart.work(reason, activities, histories);
  return chart.finish();
}

/** The activities of each reason, the longest in total first; the rarest reasons share a lane. */
function lanesOf(histories: readonly TrackerHistory[], span: Span): [string, Activity[]][] {
  const named = new Set(
    reasonRows(histories)
      .slice(0, MAX_LANES)
      .map(({ reason }) => reason),
  );
  const lanes = new Map<string, Activity[]>([...named].map((reason) => [reason, []]));
  for (const { activities } of histories)
    for (const activity of activities) {
      if (activity.endMs < span.startMs || activity.startMs > span.endMs) continue;
      const lane = named.has(activity.reason) ? activity.reason : OTHER_REASONS;
      const known = lanes.get(lane);
      if (known === undefined) lanes.set(lane, [activity]);
      else known.push(activity);
    }
  return [...lanes].filter(([, activities]) => activities.length > 0);
}

/** Builds one SVG from top to bottom. */
class Chart {
  readonly #session: ExplainedSession;
  readonly #scale: Scale;
  readonly #max: number;
  readonly #plot: string[] = [];
  readonly #labels: string[] = [];
  #y = AXIS_HEIGHT + LABEL_HEIGHT;

  constructor(session: ExplainedSession, span: Span, max: number) {
    this.#session = session;
    this.#scale = new Scale(span, session.time);
    this.#max = max;
  }

  keepalives(histories: readonly TrackerHistory[]): void {
    this.#label('keep-alives');
    const middle = this.#y + MARKS_HEIGHT / 2;
    const keepalives = histories
      .flatMap((history) => history.keepalives)
      .filter(({ atMs }) => this.#scale.isIn({ startMs: atMs, endMs: atMs }));
    for (const { keepalive, count } of condense(keepalives, this.#scale.span, this.#max)) {
      const { outcome, atMs, code, trigger, tookMs } = keepalive;
      const many = count > 1 ? ` and ${count - 1} more near it` : '';
      const details = [
        `${this.#scale.time(atMs)}: keep-alive ${SYMBOLS[outcome].label}${code === null ? '' : ` (${code})`}${many}`,
        ...(trigger === 'signal' ? ['by sendSignal()'] : []),
        ...(tookMs === undefined ? [] : [`took ${duration(tookMs)}`]),
      ].join(', ');
      this.#plot.push(`<use href="#k-${outcome}" x="${this.#scale.x(atMs)}" y="${middle}">${title(details)}</use>`);
    }
    this.#y += MARKS_HEIGHT + LANE_GAP;
  }

  senders(histories: readonly TrackerHistory[]): void {
    const withSenders = histories.flatMap(({ senders, busy }) => (senders === undefined ? [] : [{ senders, busy }]));
    if (withSenders.length === 0) return;
    this.#label('sender');
    const cellMs = lengthMs(this.#scale.span) / this.#max;
    const join = (spans: Span[]): Span[] =>
      merge(
        spans.sort((a, b) => a.startMs - b.startMs),
        cellMs / 2,
      );
    const present = join(withSenders.flatMap(({ senders }) => senders));
    const busy = join(withSenders.flatMap((history) => history.busy));
    for (const { startMs, endMs } of subtract(busy, present))
      this.#bar(
        { startMs, endMs },
        this.#y,
        SENDER_HEIGHT,
        'absent',
        `no sender while work ran, ${this.#scale.time(startMs)} to ${this.#scale.time(endMs)} (${duration(endMs - startMs)})`,
      );
    for (const { startMs, endMs } of present)
      this.#bar(
        { startMs, endMs },
        this.#y,
        SENDER_HEIGHT,
        'present',
        `sender registered ${this.#scale.time(startMs)} to ${this.#scale.time(endMs)}`,
      );
    this.#y += SENDER_HEIGHT + LANE_GAP;
  }

  work(reason: string, activities: readonly Activity[], histories: readonly TrackerHistory[]): void {
    this.#label(reason);
    const { bars, rows } = layOut(activities, this.#scale.span, this.#max);
    for (const { startMs, endMs, count, running, row } of bars) {
      const y = this.#y + row * ROW_HEIGHT;
      const what = count > 1 ? `${count} times ${reason}` : reason;
      const end = running ? ', still running at the end' : '';
      const text = `${what}: ${this.#scale.time(startMs)} to ${this.#scale.time(endMs)} (${duration(endMs - startMs)})${end}`;
      this.#bar({ startMs, endMs }, y, BAR_HEIGHT, count > 1 ? 'work dense' : 'work', text);
      if (running)
        this.#plot.push(`<use href="#still-running" x="${this.#scale.x(endMs)}" y="${y + BAR_HEIGHT / 2}"/>`);
    }
    const overdue = histories.flatMap((history) => history.overdue).filter(({ data }) => data.reason === reason);
    for (const { atMs, data } of overdue.slice(0, this.#max)) {
      const y = this.#y + BAR_HEIGHT / 2;
      const text = `${this.#scale.time(atMs)}: ${reason} is overdue, held for ${duration(data.held_ms)}`;
      this.#plot.push(`<use href="#work-overdue" x="${this.#scale.x(atMs)}" y="${y}">${title(text)}</use>`);
    }
    this.#y += rows * ROW_HEIGHT + LANE_GAP;
  }

  finish(): string {
    const height = this.#y + LABEL_HEIGHT;
    const lanes = { top: AXIS_HEIGHT, bottom: this.#y, height };
    const ticks = ticksOf(this.#scale.span)
      .map(({ atMs, label }) => {
        const x = this.#scale.x(atMs);
        return `<line x1="${x}" x2="${x}" y1="${AXIS_HEIGHT - 4}" y2="${height}"/><text x="${x}" y="12">${label}</text>`;
      })
      .join('');
    const { startMs, endMs } = this.#scale.span;
    return [
      `<svg class="chart" role="img" tabindex="0" aria-label="Timeline of ${escapeHtml(sessionName(this.#session.id))}" width="100%" height="${height}" data-from="${startMs}" data-to="${endMs}" data-height="${height}">`,
      `<g class="ticks">${ticks}</g>`,
      '<svg class="plot" x="0" width="100%">',
      ...silenceBands(this.#session, this.#scale, this.#max, lanes),
      ...lateBands(this.#session, this.#scale, this.#max, lanes),
      ...this.#plot,
      ...borders(this.#session, this.#scale, this.#max, lanes),
      '</svg>',
      ...this.#labels,
      '</svg>',
    ].join('\n');
  }

  #bar(span: Span, y: number, height: number, className: string, text: string): void {
    if (!this.#scale.isIn(span)) return;
    this.#plot.push(
      `<rect class="${className}" ${this.#scale.across(span)} y="${y}" height="${height}">${title(text)}</rect>`,
    );
  }

  #label(text: string): void {
    this.#labels.push(`<text class="lane" x="4" y="${this.#y + LABEL_HEIGHT - 5}">${escapeHtml(text)}</text>`);
    this.#y += LABEL_HEIGHT;
  }
}

import { percent, ticksOf } from './axis.js';
import { shortCause } from './causes.js';
import { condense, layOut } from './condense.js';
import type { Explained } from './explain.js';
import { duration } from './format.js';
import { escapeHtml } from './html.js';
import type { Silence } from './silences.js';
import { type Activity, merge, type Span, subtract } from './spans.js';
import type { TrackerStory } from './story.js';
import { LOOKS } from './symbols.js';
import { reasonRows } from './tables.js';

const LABEL_HEIGHT = 17;
const AXIS_HEIGHT = 20;
const MARKS_HEIGHT = 24;
const SENDER_HEIGHT = 7;
const BAR_HEIGHT = 12;
const ROW_HEIGHT = 14;
const LANE_GAP = 6;
const MAX_LANES = 12;
/** A silence is labelled if it takes up this share of the width, or is the longest. */
const LABEL_SHARE = 0.15;
const OTHER_REASONS = 'other reasons';

/**
 * Draws a time line as SVG: positions are shares of the width, so it fits any screen, and the script zooms by widening
 * the inner picture.
 *
 * @param maxMarks - about how many shapes to draw.
 */
export function drawChart(session: Explained, span: Span, maxMarks: number): string {
  const stories = session.trackers.map(({ story }) => story);
  const lanes = lanesOf(stories, span);
  const max = Math.max(60, Math.floor(maxMarks / (lanes.length + 3)));
  const chart = new Chart(session, span, max);
  chart.keepalives(stories);
  chart.senders(stories);
  for (const [reason, activities] of lanes) chart.work(reason, activities, stories);
  return chart.finish();
}

/** The activities of each reason, the longest in total first; the rarest reasons share a lane. */
function lanesOf(stories: readonly TrackerStory[], span: Span): [string, Activity[]][] {
  const named = new Set(reasonRows(stories).slice(0, MAX_LANES).map(({ reason }) => reason));
  const lanes = new Map<string, Activity[]>([...named].map((reason) => [reason, []]));
  for (const { activities } of stories)
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
  readonly #session: Explained;
  readonly #span: Span;
  readonly #max: number;
  readonly #plot: string[] = [];
  readonly #labels: string[] = [];
  #y = AXIS_HEIGHT + LABEL_HEIGHT;

  constructor(session: Explained, span: Span, max: number) {
    this.#session = session;
    this.#span = span;
    this.#max = max;
  }

  keepalives(stories: readonly TrackerStory[]): void {
    this.#label('keep-alives');
    const middle = this.#y + MARKS_HEIGHT / 2;
    const keepalives = stories.flatMap((story) => story.keepalives).filter(({ atMs }) => this.#isIn(atMs, atMs));
    for (const { keepalive, count } of condense(keepalives, this.#span, this.#max)) {
      const { outcome, atMs, code, trigger, tookMs } = keepalive;
      const many = count > 1 ? ` and ${count - 1} more near it` : '';
      const details = [
        `${this.#time(atMs)}: keep-alive ${LOOKS[outcome].label}${code === null ? '' : ` (${code})`}${many}`,
        ...(trigger === 'signal' ? ['by sendSignal()'] : []),
        ...(tookMs === undefined ? [] : [`took ${duration(tookMs)}`]),
      ].join(', ');
      this.#plot.push(
        `<use href="#k-${outcome}" class="mark" x="${this.#x(atMs)}" y="${middle}">${title(details)}</use>`,
      );
    }
    this.#y += MARKS_HEIGHT + LANE_GAP;
  }

  senders(stories: readonly TrackerStory[]): void {
    const told = stories.filter(({ senders }) => senders !== undefined);
    if (told.length === 0) return;
    this.#label('sender');
    const cellMs = (this.#span.endMs - this.#span.startMs) / this.#max;
    const present = merge(
      told.flatMap(({ senders = [] }) => senders).sort((a, b) => a.startMs - b.startMs),
      cellMs / 2,
    );
    const busy = merge(
      told.flatMap((story) => story.busy).sort((a, b) => a.startMs - b.startMs),
      cellMs / 2,
    );
    for (const { startMs, endMs } of subtract(busy, present))
      this.#bar(
        { startMs, endMs },
        this.#y,
        SENDER_HEIGHT,
        'absent',
        `no sender while work ran, ${this.#time(startMs)} to ${this.#time(endMs)} (${duration(endMs - startMs)})`,
      );
    for (const { startMs, endMs } of present)
      this.#bar(
        { startMs, endMs },
        this.#y,
        SENDER_HEIGHT,
        'present',
        `sender registered ${this.#time(startMs)} to ${this.#time(endMs)}`,
      );
    this.#y += SENDER_HEIGHT + LANE_GAP;
  }

  work(reason: string, activities: readonly Activity[], stories: readonly TrackerStory[]): void {
    this.#label(reason);
    const { bars, rows } = layOut(activities, this.#span, this.#max);
    for (const { startMs, endMs, count, running, row } of bars) {
      const y = this.#y + row * ROW_HEIGHT;
      const what = count > 1 ? `${count} times ${reason}` : reason;
      const end = running ? ', still running at the end' : '';
      const text = `${what}: ${this.#time(startMs)} to ${this.#time(endMs)} (${duration(endMs - startMs)})${end}`;
      this.#bar({ startMs, endMs }, y, BAR_HEIGHT, count > 1 ? 'work dense' : 'work', text);
      if (running) this.#plot.push(`<use href="#held" x="${this.#x(endMs)}" y="${y + BAR_HEIGHT / 2}"/>`);
    }
    const overdue = stories.flatMap((story) => story.overdue).filter(({ data }) => data.reason === reason);
    for (const { atMs, data } of overdue.slice(0, this.#max)) {
      const y = this.#y + BAR_HEIGHT / 2;
      const text = `${this.#time(atMs)}: ${reason} is overdue, held for ${duration(data.held_ms)}`;
      this.#plot.push(`<use href="#late-work" x="${this.#x(atMs)}" y="${y}">${title(text)}</use>`);
    }
    this.#y += rows * ROW_HEIGHT + LANE_GAP;
  }

  finish(): string {
    const height = this.#y + LABEL_HEIGHT;
    const bands = [...this.#silences(height), ...this.#late()];
    const ticks = ticksOf(this.#span)
      .map(({ atMs, label }) => {
        const x = this.#x(atMs);
        return `<line x1="${x}" x2="${x}" y1="${AXIS_HEIGHT - 4}" y2="${height}"/><text x="${x}" y="12">${label}</text>`;
      })
      .join('');
    const { startMs, endMs } = this.#span;
    return [
      `<svg class="chart" role="img" tabindex="0" aria-label="Time line of ${escapeHtml(this.#session.id ?? 'the session')}" width="100%" height="${height}" data-from="${startMs}" data-to="${endMs}" data-height="${height}">`,
      `<g class="ticks">${ticks}</g>`,
      '<svg class="plot" x="0" width="100%">',
      ...bands,
      ...this.#plot,
      ...this.#borders(height),
      '</svg>',
      ...this.#labels,
      '</svg>',
    ].join('\n');
  }

  #silences(height: number): string[] {
    const all = this.#session.trackers
      .flatMap(({ verdict }) => verdict.overLimit)
      .filter(({ startMs, endMs }) => this.#isIn(startMs, endMs))
      .sort((a, b) => length(b) - length(a))
      .slice(0, this.#max);
    return all.map((silence, index) => this.#silence(silence, height, index === 0 || length(silence) > LABEL_SHARE * length(this.#span)));
  }

  #silence(silence: Silence, height: number, isLabelled: boolean): string {
    const { startMs, endMs } = silence;
    const { startMs: fromMs, endMs: toMs } = this.#span;
    const length = `silent ${duration(endMs - startMs)}`;
    const text = `${length}: ${this.#time(startMs)} to ${this.#time(endMs)}, ${shortCause(silence)}`;
    const isRight = (startMs + endMs) / 2 > (fromMs + toMs) / 2;
    const at = isRight ? `x="${this.#x(endMs)}" dx="-4" text-anchor="end"` : `x="${this.#x(startMs)}" dx="4"`;
    const top = AXIS_HEIGHT;
    return `<rect class="silence" x="${this.#x(startMs)}" width="${this.#width(silence)}" y="${top}" height="${height - top - LABEL_HEIGHT}" fill="url(#hatch)">${title(text)}</rect>${
      isLabelled ? `<text class="silence-label" ${at} y="${top + 12}">${length}</text>` : ''
    }`;
  }

  #late(): string[] {
    return this.#session.trackers
      .flatMap(({ story }) => story.late)
      .filter(({ atMs, lateMs }) => this.#isIn(atMs - lateMs, atMs))
      .slice(0, this.#max)
      .map(({ atMs, lateMs }) => {
        const span = { startMs: atMs - lateMs, endMs: atMs };
        const text = `Missing time: the heartbeat due at ${this.#time(span.startMs)} came ${duration(lateMs)} late`;
        const y = AXIS_HEIGHT + LABEL_HEIGHT;
        return `<rect class="late" x="${this.#x(span.startMs)}" width="${this.#width(span)}" y="${y}" height="${this.#y - y}" fill="url(#missing)">${title(text)}</rect>`;
      });
  }

  /** Where trackers begin and end. */
  #borders(height: number): string[] {
    const { trackers } = this.#session;
    return trackers.slice(0, this.#max).flatMap(({ story }, index) => {
      const lines = [];
      if (index > 0) lines.push(this.#border(story.firstMs, `tracker ${index + 1}`, height, 'start'));
      const end = story.shutdown !== undefined ? 'shut down' : story.cut ? '' : 'log ends';
      if (end !== '') lines.push(this.#border(story.shutdown?.atMs ?? story.lastMs, end, height, 'end'));
      return lines;
    });
  }

  #border(atMs: number, label: string, height: number, anchor: 'start' | 'end'): string {
    const x = this.#x(atMs);
    return `<line class="border" x1="${x}" x2="${x}" y1="${AXIS_HEIGHT}" y2="${height}"/><text class="border-label" x="${x}" dx="${anchor === 'end' ? -4 : 4}" y="${height - 4}" text-anchor="${anchor}">${label} ${this.#time(atMs)}</text>`;
  }

  #bar(span: Span, y: number, height: number, className: string, text: string): void {
    if (!this.#isIn(span.startMs, span.endMs)) return;
    this.#plot.push(
      `<rect class="${className}" x="${this.#x(span.startMs)}" width="${this.#width(span)}" y="${y}" height="${height}">${title(text)}</rect>`,
    );
  }

  #label(text: string): void {
    this.#labels.push(`<text class="lane" x="4" y="${this.#y + LABEL_HEIGHT - 5}">${escapeHtml(text)}</text>`);
    this.#y += LABEL_HEIGHT;
  }

  #isIn(startMs: number, endMs: number): boolean {
    return endMs >= this.#span.startMs && startMs <= this.#span.endMs;
  }

  #x(atMs: number): string {
    return percent(atMs, this.#span);
  }

  #width({ startMs, endMs }: Span): string {
    const [from, to] = [parseFloat(this.#x(startMs)), parseFloat(this.#x(endMs))];
    return `${+(to - from).toFixed(4)}%`;
  }

  #time(atMs: number): string {
    return this.#session.time(atMs);
  }
}

function length({ startMs, endMs }: Span): number {
  return endMs - startMs;
}

function title(text: string): string {
  return `<title>${escapeHtml(text)}</title>`;
}

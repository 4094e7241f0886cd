import type { Scale } from './axis.js';
import { shortCause } from './causes.js';
import type { ExplainedSession } from './explain.js';
import { duration } from './format.js';
import { title } from './html.js';
import { lengthMs, longestFirst } from './spans.js';

/** Where the lanes of a chart lie, in pixels. */
interface Lanes {
  readonly top: number;
  readonly bottom: number;
  /** Of the whole chart. */
  readonly height: number;
}

/** A silence is labelled if it takes up this share of the width, or is the longest. */
const LABEL_SHARE = 0.15;
/** Room above the lanes for the labels of silences. */
const LABEL_ROOM = 17;

/** The silences that were too long, the longest first. */
export function silenceBands(session: ExplainedSession, scale: Scale, max: number, { top, bottom }: Lanes): string[] {
  const { startMs: fromMs, endMs: toMs } = scale.span;
  return session.trackers
    .flatMap(({ verdict }) => verdict.overLimit)
    .filter((silence) => scale.isIn(silence))
    .sort(longestFirst)
    .slice(0, max)
    .map((silence, index) => {
      const { startMs, endMs } = silence;
      const label = `silent ${duration(lengthMs(silence))}`;
      const text = `${label}: ${scale.time(startMs)} to ${scale.time(endMs)}, ${shortCause(silence)}`;
      const band = `<rect class="silence" ${scale.across(silence)} y="${top}" height="${bottom - top}" fill="url(#hatch)">${title(text)}</rect>`;
      if (index > 0 && lengthMs(silence) < LABEL_SHARE * lengthMs(scale.span)) return band;
      const isRight = (startMs + endMs) / 2 > (fromMs + toMs) / 2;
      const at = isRight ? `x="${scale.x(endMs)}" dx="-4" text-anchor="end"` : `x="${scale.x(startMs)}" dx="4"`;
      return `${band}<text class="silence-label" ${at} y="${top + 12}">${label}</text>`;
    });
}

/** The time before late heartbeats, in which the process did not run. */
export function lateBands(session: ExplainedSession, scale: Scale, max: number, { top, bottom }: Lanes): string[] {
  return session.trackers
    .flatMap(({ history }) => history.late)
    .map(({ atMs, lateMs }) => ({ startMs: atMs - lateMs, endMs: atMs }))
    .filter((span) => scale.isIn(span))
    .slice(0, max)
    .map((span) => {
      const text = `Missing time: the heartbeat due at ${scale.time(span.startMs)} came ${duration(lengthMs(span))} late`;
      const y = top + LABEL_ROOM;
      return `<rect class="late" ${scale.across(span)} y="${y}" height="${bottom - y}" fill="url(#missing)">${title(text)}</rect>`;
    });
}

/** Where trackers begin and end. */
export function borders({ trackers }: ExplainedSession, scale: Scale, max: number, { top, height }: Lanes): string[] {
  const border = (atMs: number, label: string, anchor: 'start' | 'end'): string => {
    const x = scale.x(atMs);
    const dx = anchor === 'end' ? -4 : 4;
    return `<line class="border" x1="${x}" x2="${x}" y1="${top}" y2="${height}"/><text class="border-label" x="${x}" dx="${dx}" y="${height - 5}" text-anchor="${anchor}">${label} ${scale.time(atMs)}</text>`;
  };
  return trackers.slice(0, max).flatMap(({ history }, index) => {
    const { firstMs, lastMs, shutDownMs, truncated } = history;
    const begin = index > 0 ? [border(firstMs, `tracker ${index + 1}`, 'start')] : [];
    if (shutDownMs !== undefined) return [...begin, border(shutDownMs, 'shut down', 'end')];
    return truncated ? begin : [...begin, border(lastMs, 'log ends', 'end')];
  });
}

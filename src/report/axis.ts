import type { TimeFormat } from './format.js';
import { lengthMs, type Span } from './spans.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The distances that ticks may have, in milliseconds. */
export const STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 30, 90, 365].map((n) => n * DAY),
];

/** How many labels fit on a phone: fewer if they show milliseconds. */
export const MAX_TICKS = 6;
export const MAX_LONG_TICKS = 4;

/** A label nearer to an end than this share of the width would be cut off on a phone. */
export const EDGE = 0.05;

/** The ticks of a time axis. The page's script computes them in the same way when it zooms. */
export function ticksOf({ startMs, endMs }: Span): { atMs: number; label: string }[] {
  const step =
    STEPS.find((ms) => (endMs - startMs) / ms <= (ms < SECOND ? MAX_LONG_TICKS : MAX_TICKS)) ?? endMs - startMs;
  const ticks = [];
  for (let atMs = Math.ceil(startMs / step) * step; atMs <= endMs; atMs += step) {
    const share = (atMs - startMs) / (endMs - startMs);
    ticks.push({ atMs, label: share < EDGE || share > 1 - EDGE ? '' : tickLabel(atMs, step) });
  }
  return ticks;
}

function tickLabel(atMs: number, step: number): string {
  const text = new Date(atMs).toISOString().slice(-19);
  if (step >= DAY) return text.slice(0, 5);
  return text.slice(6, step >= MINUTE ? 11 : step >= SECOND ? 14 : 18);
}

/** Maps times to positions across the width of a chart. */
export class Scale {
  constructor(
    readonly span: Span,
    readonly time: TimeFormat,
  ) {}

  isIn({ startMs, endMs }: Span): boolean {
    return endMs >= this.span.startMs && startMs <= this.span.endMs;
  }

  /** As a percentage of the width. The chart's edge clips what lies outside. */
  x(atMs: number): string {
    return `${this.#percent(atMs)}%`;
  }

  /** The attributes of a shape as wide as the span. */
  across({ startMs, endMs }: Span): string {
    const width = +(this.#percent(endMs) - this.#percent(startMs)).toFixed(4);
    return `x="${this.x(startMs)}" width="${width}%"`;
  }

  #percent(atMs: number): number {
    const share = (atMs - this.span.startMs) / lengthMs(this.span);
    return +(Math.min(1.1, Math.max(-0.1, share)) * 100).toFixed(4);
  }
}

/** A duration as people say it: `250 ms`, `2.5 s`, `40 s`, `2 min 40 s`, `1 h 5 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return twoParts(seconds, 60, 'min', 1, 's');
  if (seconds < 86_400) return twoParts(seconds, 3_600, 'h', 60, 'min');
  return twoParts(seconds, 86_400, 'd', 3_600, 'h');
}

function twoParts(seconds: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeUnit}${rest === 0 ? '' : ` ${rest} ${smallUnit}`}`;
}

/** Writes a moment of a log. */
export type TimeFormat = (atMs: number) => string;

/** Times of day in UTC, with the date where the log spans several days, and with tenths where it is short. */
export function timeFormat(firstMs: number, lastMs: number): TimeFormat {
  const from = 11 - (day(firstMs) === day(lastMs) ? 0 : 6);
  const to = lastMs - firstMs < 60_000 ? 21 : 19;
  return (atMs) => new Date(atMs).toISOString().slice(-24).slice(from, to).replace('T', ' ');
}

/** The date in UTC, as `2026-11-26`. */
export function day(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, -14);
}

// Control characters move a terminal's cursor; bidirectional marks make text look like different text.
// eslint-disable-next-line no-control-regex -- They are what is looked for.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A text from a log without the characters that a terminal or a browser would interpret. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd');
}

/** `1 heartbeat`, `1,200 heartbeats`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? noun : plural}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

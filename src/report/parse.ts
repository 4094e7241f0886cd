import type { EventName, LogEvent } from './log-event.js';

/** A line of a log that has a time. */
export interface ParsedLine {
  readonly atMs: number;
  readonly process: string;
  readonly sessionId: string | null;
  /** `undefined` if the line is not a tracker's event or lacks fields. */
  readonly event: LogEvent | undefined;
}

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

/** The largest count or duration that is accepted. A hostile one must not produce an invalid date. */
const MAX_NUMBER = 1e12;
const isNumber: Check = (value) => typeof value === 'number' && value >= 0 && value <= MAX_NUMBER;
const isPositive: Check = (value) => isNumber(value) && value !== 0;
const isText: Check = (value) => typeof value === 'string' && value !== '';
const isCode: Check = (value) => typeof value === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const oneOf =
  (...values: string[]): Check =>
  (value) =>
    values.includes(value as string);
const isCounts: Check = (value) => isFields(value) && Object.values(value).every(isNumber);

/** The fields that each event must have. */
const REQUIRED: Readonly<Record<EventName, Readonly<Record<string, Check>>>> = {
  session_tracker_configured: { interval_ms: isPositive, idle_after_ms: isNumber, cadence: isText },
  session_activity_started: { reason: isText, refcount: isNumber },
  session_activity_stopped: { reason: isText, refcount: isNumber, held_ms: isNumber },
  session_activity_unmatched_stop: { reason: isText },
  session_activity_overdue: { reason: isText, held_ms: isNumber },
  session_activity_at_shutdown: { refcount: isNumber, active: isCounts, oldest_activity_ms: orNull(isNumber) },
  session_keepalive_heartbeat: { refcount: isNumber },
  session_keepalive_sent: { trigger: oneOf('heartbeat', 'signal'), took_ms: isNumber },
  session_keepalive_failed: { outcome: oneOf('error', 'timeout'), error_code: orNull(isCode) },
  session_keepalive_recovered: { failures: isNumber },
  session_keepalive_not_sent: { cause: oneOf('gate', 'overdue', 'pending', 'transport') },
  session_keepalive_late: { late_ms: isNumber },
  session_keepalive_summary: {
    sent: isNumber,
    failed: isNumber,
    skipped: isNumber,
    withheld: isNumber,
    unsent: isNumber,
    late: isNumber,
  },
  session_sender_registered: {},
  session_sender_removed: {},
  session_idle: {},
};

const IDLE_EVENT = /^session_idle_\d+m?s$/;
/** The end of the year 9999. */
const MAX_TIME_MS = 253_402_300_799_999;
/** Reasons and ids are cut to this length, because a log may be hostile. */
const MAX_TEXT = 200;

/**
 * Reads one line: JSON in pino's shape (the event is `msg`, its data beside it) or `{ time, level, event, data }`. Text
 * before the JSON, as `docker compose logs` adds, is ignored.
 *
 * @param file - names the process where the line has no pid.
 * @returns `undefined` for a line that is not JSON or has no time.
 */
export function parseLine(line: string, file: string): ParsedLine | undefined {
  const json = parseObject(line);
  if (json === undefined) return undefined;
  const atMs = readTime(json['time'] ?? json['timestamp']);
  if (atMs === undefined) return undefined;
  const data = isFields(json['data']) ? json['data'] : json;
  const id = data['session_id'] ?? json['session_id'];
  const name = json['event'] ?? json['msg'];
  const process = processOf(json) ?? file;
  return {
    atMs,
    process,
    sessionId: typeof id === 'string' || typeof id === 'number' ? String(id).slice(0, MAX_TEXT) : null,
    event: typeof name === 'string' ? readEvent(name, atMs, process, data) : undefined,
  };
}

/** Reads ISO text such as `2026-11-26T14:02:30Z`, or epoch milliseconds. */
export function readTime(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : value;
  return typeof ms === 'number' && ms >= 0 && ms <= MAX_TIME_MS ? ms : undefined;
}

/** Host and pid, as pino adds them. */
function processOf({ pid, hostname }: Fields): string | undefined {
  if (typeof pid !== 'number') return undefined;
  return intern(typeof hostname === 'string' ? `${hostname} ${pid}` : String(pid));
}

function parseObject(line: string): Fields | undefined {
  const start = line.indexOf('{');
  if (start === -1) return undefined;
  try {
    // JSON that begins with a brace is an object.
    return JSON.parse(start === 0 ? line : line.slice(start)) as Fields;
  } catch {
    return undefined;
  }
}

function readEvent(name: string, atMs: number, process: string, fields: Fields): LogEvent | undefined {
  const known = IDLE_EVENT.test(name) ? 'session_idle' : name;
  if (!Object.hasOwn(REQUIRED, known)) return undefined;
  const data: Record<string, unknown> = {};
  for (const [field, check] of Object.entries(REQUIRED[known as EventName])) {
    const value = fields[field];
    if (!check(value)) return undefined;
    data[field] = typeof value === 'string' ? intern(value) : value;
  }
  if (known === 'session_activity_overdue' && isNumber(fields['silent_ms'])) data['silent_ms'] = fields['silent_ms'];
  return { name: known, atMs, process, data } as LogEvent;
}

const interned = new Map<string, string>();

/** One copy of each text, so that a million events do not hold a million copies of `tool_exec`. */
function intern(text: string): string {
  const cut = text.slice(0, MAX_TEXT);
  const known = interned.get(cut);
  if (known !== undefined) return known;
  if (interned.size < 10_000) interned.set(cut, cut);
  return cut;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

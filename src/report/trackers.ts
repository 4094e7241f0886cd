import type { EventName, LogEvent } from './log-event.js';
import { lowerBound } from './lower-bound.js';

/** Events that only a tracker with `trace: true` logs. */
const TRACE_EVENTS: ReadonlySet<EventName> = new Set([
  'session_tracker_configured',
  'session_activity_started',
  'session_activity_stopped',
  'session_keepalive_sent',
  'session_sender_registered',
  'session_sender_removed',
]);

/** Events that show that a tracker was configured. */
const CONFIGURED_EVENTS: ReadonlySet<EventName> = new Set([
  'session_tracker_configured',
  'session_activity_started',
  'session_activity_stopped',
  'session_keepalive_heartbeat',
]);

/** Without a trace: events that a tracker may still log long after its shutdown report. */
const MAY_FOLLOW_SHUTDOWN: ReadonlySet<EventName> = new Set([
  'session_activity_unmatched_stop',
  'session_keepalive_summary',
]);

/** How long heartbeats may continue after a process has run its cleanups. */
const SHUTDOWN_GRACE_MS = 10_000;
/** Tolerance: ages are whole milliseconds, and the log's clock may differ slightly from the tracker's. */
const ROUNDING_MS = 20;

/** The events of one tracker. A session has several where its host reconnected or was restarted. */
export interface TrackerEvents {
  readonly process: string;
  readonly traced: boolean;
  readonly events: LogEvent[];
}

interface Tracker extends TrackerEvents {
  isConfigured: boolean;
  /** When it was configured, or its first line if the log lacks that. */
  beganMs: number;
  shutdownMs: number | undefined;
}

/** Splits a session's events, ordered by time, into those of its trackers. */
export function splitByTracker(events: readonly LogEvent[]): TrackerEvents[] {
  const processes = new Map<string, LogEvent[]>();
  for (const event of events) {
    const known = processes.get(event.process);
    if (known === undefined) processes.set(event.process, [event]);
    else known.push(event);
  }
  return [...processes.values()].flatMap(splitProcess).sort((a, b) => a.beganMs - b.beganMs);
}

function splitProcess(events: readonly LogEvent[]): Tracker[] {
  const traced = events.some(({ name }) => TRACE_EVENTS.has(name));
  const trackers: Tracker[] = [];

  const begin = ({ process, atMs: beganMs }: LogEvent): Tracker => {
    const tracker: Tracker = { process, traced, events: [], isConfigured: false, beganMs, shutdownMs: undefined };
    trackers.push(tracker);
    return tracker;
  };
  const add = (event: LogEvent, next?: LogEvent): void => {
    let tracker = ownerOf(trackers, event, next) ?? begin(event);
    if (startsNewTracker(tracker, event)) tracker = begin(event);
    if (CONFIGURED_EVENTS.has(event.name)) tracker.isConfigured = true;
    if (event.name === 'session_activity_at_shutdown') tracker.shutdownMs ??= event.atMs;
    tracker.events.push(event);
  };

  /** The registrations just before this event. If it configures a tracker, they are that one's. */
  let registered: LogEvent[] = [];
  for (const [index, event] of events.entries()) {
    if (event.name === 'session_sender_registered') {
      registered.push(event);
      continue;
    }
    const last = trackers.at(-1);
    if (event.name === 'session_tracker_configured' && last !== undefined && startsNewTracker(last, event))
      begin(event);
    for (const registration of registered) add(registration);
    registered = [];
    add(event, events[index + 1]);
  }
  for (const registration of registered) add(registration);
  return trackers;
}

/** The tracker that logged the event: the last one, unless the event's activity began before that tracker did. */
function ownerOf(trackers: readonly Tracker[], event: LogEvent, next: LogEvent | undefined): Tracker | undefined {
  if (event.name === 'session_sender_removed' && next?.name === 'session_activity_at_shutdown')
    return ownerOf(trackers, next, undefined);
  const last = trackers.at(-1);
  if (event.name === 'session_keepalive_summary')
    return trackers.findLast(({ shutdownMs }) => shutdownMs !== undefined) ?? last;
  const ageMs = ageOf(event);
  // Without a trace it is not known when a tracker began.
  if (ageMs === null || last?.traced !== true) return last;
  const startMs = event.atMs - ageMs + ROUNDING_MS;
  return trackers[lowerBound(trackers, ({ beganMs }) => beganMs <= startMs) - 1] ?? last;
}

/** For how long the activity has run that the event is about, in ms; `null` if it is about none. */
function ageOf({ name, data }: LogEvent): number | null {
  if (name === 'session_activity_stopped') return data.held_ms;
  return name === 'session_activity_at_shutdown' ? data.oldest_activity_ms : null;
}

function startsNewTracker(tracker: Tracker, { name, atMs }: LogEvent): boolean {
  if (name === 'session_tracker_configured') return tracker.isConfigured || tracker.shutdownMs !== undefined;
  if (tracker.shutdownMs === undefined) return false;
  if (name === 'session_activity_at_shutdown') return true;
  if (tracker.traced) return name === 'session_sender_registered';
  return !MAY_FOLLOW_SHUTDOWN.has(name) && atMs > tracker.shutdownMs + SHUTDOWN_GRACE_MS;
}

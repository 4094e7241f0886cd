import type { EventName, LogEvent } from './log-event.js';

/** Events that only a tracker with `trace: true` logs. */
const TRACE_EVENTS: ReadonlySet<EventName> = new Set([
  'session_tracker_configured',
  'session_activity_started',
  'session_activity_stopped',
  'session_keepalive_sent',
  'session_sender_registered',
  'session_sender_removed',
]);

/** Events that a tracker logs only after it was configured. */
const WORK_EVENTS: ReadonlySet<EventName> = new Set([
  'session_activity_started',
  'session_activity_stopped',
  'session_keepalive_heartbeat',
]);

/** Events that a tracker may still log after its shutdown report. */
const MAY_FOLLOW_SHUTDOWN: ReadonlySet<EventName> = new Set([
  'session_activity_stopped',
  'session_activity_unmatched_stop',
  'session_sender_removed',
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
  /** Whether the log shows that it was configured, or that it counted work, which implies that. */
  isConfigured: boolean;
  configuredMs: number;
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
  return [...processes.values()].flatMap(splitProcess).sort((a, b) => a.configuredMs - b.configuredMs);
}

function splitProcess(events: readonly LogEvent[]): Tracker[] {
  const traced = events.some(({ name }) => TRACE_EVENTS.has(name));
  const trackers: Tracker[] = [];
  /** The sender events just before this one. They may belong to a tracker that is not configured yet. */
  let senderEvents: LogEvent[] = [];

  const begin = (event: LogEvent): Tracker => {
    const tracker: Tracker = {
      process: event.process,
      traced,
      events: [],
      isConfigured: false,
      configuredMs: event.atMs,
      shutdownMs: undefined,
    };
    trackers.push(tracker);
    return tracker;
  };

  for (const [index, event] of events.entries()) {
    let tracker = ownerOf(trackers, event, events[index + 1]) ?? begin(event);
    if (startsNewTracker(tracker, event)) tracker = begin(event);
    if (event.name === 'session_tracker_configured' && !tracker.isConfigured) {
      // A sender that was registered just before is the new tracker's, unless it is all that this tracker has.
      const previous = trackers.at(-2);
      if (tracker.events.length === 0 && previous !== undefined && senderEvents.length > 0) {
        previous.events.splice(-senderEvents.length);
        tracker.events.push(...senderEvents);
      }
      tracker.isConfigured = true;
      tracker.configuredMs = event.atMs;
    }
    if (WORK_EVENTS.has(event.name)) tracker.isConfigured = true;
    if (event.name === 'session_activity_at_shutdown') tracker.shutdownMs ??= event.atMs;
    senderEvents = event.name === 'session_sender_registered' ? [...senderEvents, event] : [];
    tracker.events.push(event);
  }
  return trackers;
}

/** The tracker that logged the event: the last one, unless the event's activity began before that tracker did. */
function ownerOf(trackers: readonly Tracker[], event: LogEvent, next: LogEvent | undefined): Tracker | undefined {
  if (event.name === 'session_sender_removed' && next?.name === 'session_activity_at_shutdown')
    return ownerOf(trackers, next, undefined);
  if (event.name === 'session_keepalive_summary')
    return trackers.findLast(({ shutdownMs }) => shutdownMs !== undefined && shutdownMs <= event.atMs);
  const heldMs =
    event.name === 'session_activity_stopped'
      ? event.data.held_ms
      : event.name === 'session_activity_at_shutdown'
        ? event.data.oldest_activity_ms
        : null;
  // Without a trace it is not known when a tracker began.
  if (heldMs === null || trackers.at(-1)?.traced !== true) return trackers.at(-1);
  const startMs = event.atMs - heldMs + ROUNDING_MS;
  return trackers.findLast(({ configuredMs }) => configuredMs <= startMs) ?? trackers.at(-1);
}

function startsNewTracker(tracker: Tracker, event: LogEvent): boolean {
  if (event.name === 'session_tracker_configured') return tracker.isConfigured || tracker.shutdownMs !== undefined;
  if (tracker.shutdownMs === undefined || MAY_FOLLOW_SHUTDOWN.has(event.name)) return false;
  if (event.name === 'session_activity_at_shutdown') return true;
  if (tracker.traced) return event.name === 'session_sender_registered';
  return event.atMs > tracker.shutdownMs + SHUTDOWN_GRACE_MS;
}

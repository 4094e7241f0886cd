import type { LogEvent } from './log-event.js';
import { count, duration, printable, type TimeFormat } from './format.js';
import type { Cause } from './phases.js';
import { showsSendTimes, type Silence } from './silences.js';
import { overlapping } from './spans.js';
import type { TrackerHistory } from './history.js';

/** The events that name a cause. */
const EVENT_OF: Partial<Record<Cause, LogEvent['name']>> = {
  gate: 'session_keepalive_not_sent',
  overdue: 'session_keepalive_not_sent',
  pending: 'session_keepalive_not_sent',
  transport: 'session_keepalive_not_sent',
  failed: 'session_keepalive_failed',
};

const MAX_LINES = 5;

/** The lines of the log that a verdict rests on. */
export function evidence(history: TrackerHistory, silence: Silence | undefined, time: TimeFormat): readonly string[] {
  const lines: string[] = [];
  for (const phase of silence?.phases ?? []) {
    const { cause, code, startMs, endMs, due } = phase;
    const unsent = due > 0 ? `, ${count(due, 'keep-alive')} due and not sent` : '';
    if (cause === 'late') lines.push(`session_keepalive_late at ${time(endMs)}: ${duration(endMs - startMs)}`);
    else if (cause === 'no-sender')
      lines.push(
        history.senders?.some((span) => span.endMs === startMs)
          ? `session_sender_removed at ${time(startMs)}`
          : 'no session_sender_registered before',
      );
    else if (cause === 'short-work')
      lines.push(`${count(overlapping(history.busy, phase).length, 'busy period')}, no heartbeat in any`);
    else if (cause === 'no-heartbeat') lines.push(`no session_keepalive_heartbeat from ${time(startMs)} on`);
    else if (EVENT_OF[cause] !== undefined) lines.push(`${eventText(cause, code)} at ${time(startMs)}${unsent}`);
  }
  if (!showsSendTimes(history))
    for (const { outcome, code, atMs } of history.keepalives) {
      const what = outcome === 'sent' ? 'session_keepalive_recovered' : eventText(outcome, code);
      lines.push(`${what} at ${time(atMs)}`);
    }
  if (lines.length > MAX_LINES)
    lines.splice(0, lines.length - MAX_LINES, count(lines.length - MAX_LINES, 'earlier event'));
  for (const { atMs, data } of history.overdue.slice(0, silence?.cause === 'overdue' ? MAX_LINES : 0)) {
    const silent = data.silent_ms === undefined ? '' : `, silent for ${duration(data.silent_ms)}`;
    lines.push(
      `session_activity_overdue at ${time(atMs)}: ${printable(data.reason)} held for ${duration(data.held_ms)}${silent}`,
    );
  }
  if (history.shutdown !== undefined) {
    const { refcount, oldest_activity_ms } = history.shutdown.data;
    const busy = oldest_activity_ms === null ? '' : `, busy for ${duration(oldest_activity_ms)}`;
    lines.push(`session_activity_at_shutdown at ${time(history.shutdown.atMs)}: ${refcount} running${busy}`);
  }
  if (history.totals !== undefined) {
    const { sent, failed, skipped, withheld, unsent } = history.totals;
    lines.push(
      `session_keepalive_summary: ${sent} sent, ${failed} failed, ${skipped} skipped, ${withheld} withheld, ${unsent} unsent`,
    );
  }
  return lines;
}

/** What the log does not show. The report says so instead of guessing. */
export function unknowns(history: TrackerHistory): readonly string[] {
  const lines: string[] = [];
  if (!history.traced)
    lines.push(
      'Without `trace: true` the log does not say when work began and ended, which keep-alives went out, or whether a sender was registered.',
    );
  if (!history.traced && history.hasHeartbeats)
    lines.push('A keep-alive counts as sent unless the log says after its heartbeat that it failed or was not sent.');
  if (!history.traced && history.shutdown === undefined && history.runningAtEnd.size > 0)
    lines.push('That work still ran at the end is inferred from the last heartbeat.');
  if (!history.hasHeartbeats && !history.traced)
    lines.push(
      'The log has no heartbeats either (they are logged at level debug), so it is not known when the last keep-alive went out.',
    );
  if (history.intervalAssumed)
    lines.push(`The interval is not in the log; ${duration(history.intervalMs)} is assumed.`);
  if (history.missingLines > 0)
    lines.push(`The log lacks ${count(history.missingLines, 'start or stop line')} of this session.`);
  return lines;
}

/** The event that names a cause, with its code. */
function eventText(cause: Cause, code: string | null): string {
  return `${String(EVENT_OF[cause])} (${code ?? cause})`;
}

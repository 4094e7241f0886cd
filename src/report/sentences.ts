import { causeClause } from './causes.js';
import { count, duration, list, printable, type TimeFormat } from './format.js';
import type { Phase } from './phases.js';
import type { Silence } from './silences.js';
import { lengthMs, longestFirst } from './spans.js';
import type { TrackerHistory } from './history.js';

/** How many parts of a silence, and how many reasons, a sentence names. */
const MAX_NAMED = 3;

export function describeIdleEnd(history: TrackerHistory, time: TimeFormat): string {
  const end = history.busy.at(-1);
  if (end === undefined) return 'Nothing ran at the end: stopping it was right, and no work was lost.';
  const rest = history.lastMs - end.endMs;
  const idle = rest >= 1_000 ? ` and the session was idle for ${duration(rest)}` : '';
  return `The last work ended at ${time(end.endMs)}${idle}: stopping it then was right, and no work was lost.`;
}

/** Without a sender there are no heartbeats, so the log shows nothing after that. */
export function describeMissingSender(history: TrackerHistory, time: TimeFormat): string {
  const last = history.keepalives.findLast(({ outcome }) => outcome === 'sent');
  const begin = last === undefined ? 'No keep-alive ever went out.' : `Last keep-alive ${time(last.atMs)}.`;
  const cause =
    history.lastSenderEvent === undefined
      ? 'No sender was ever registered, so nothing could be sent.'
      : `The sender was removed at ${time(history.lastSenderEvent.atMs)} and no other registered, so nothing could be sent from then on.`;
  return `${begin} ${cause} ${workAtEnd(history)} ran ${endClause(history, time)}.`;
}

/** `Last keep-alive 14:02:30. The gate was closed from 14:03:00 on: silent for 2 min 40 s while tool_exec ran, ...` */
export function describeSilence(silence: Silence, history: TrackerHistory, time: TimeFormat): string {
  const { startMs, endMs, phases } = silence;
  const earlier = history.keepalives.findLast(({ outcome, atMs }) => outcome === 'sent' && atMs <= startMs);
  const isFirst = history.busy[0]?.startMs === startMs;
  const begin = silence.followsKeepalive
    ? `Last keep-alive ${time(startMs)}.`
    : earlier !== undefined
      ? `Last keep-alive ${time(earlier.atMs)}; work began again at ${time(startMs)}.`
      : history.keepalives.some(({ outcome }) => outcome === 'sent')
        ? `Work began at ${time(startMs)}; no keep-alive had gone out yet.`
        : `No keep-alive ever went out. Work began ${isFirst ? '' : 'again '}at ${time(startMs)}.`;
  const due = phases.filter(({ cause }) => cause !== 'on-time');
  const named = due.length > 0 ? due : phases;
  const shown = mostTelling(named, silence);
  const chain = shown.map((phase) => describePhase(phase, silence, history, time));
  const more = named.length - shown.length;
  const rest = more > 0 ? ` (and ${count(more, 'other stretch', 'other stretches')})` : '';
  const causes = capitalize(chain.join(', then ')) + rest;
  const until = silence.reachesEnd
    ? endClause(history, time)
    : `until ${history.keepalives.some(({ outcome, atMs }) => outcome === 'sent' && atMs === endMs) ? 'a keep-alive went out' : 'the work ended'} at ${time(endMs)}`;
  return `${begin} ${causes}: ${silentFor(silence)} while ${workDuring(silence, history)} ran, ${until}.`;
}

function describePhase(phase: Phase, silence: Silence, { traced }: TrackerHistory, time: TimeFormat): string {
  const { cause, startMs, endMs } = phase;
  const clause = causeClause(phase);
  const length = duration(lengthMs(phase));
  if (cause === 'late') return `${clause} for ${length} (event loop blocked or process suspended) until ${time(endMs)}`;
  if (cause === 'short-work') return `${clause}, and each new piece restarted the interval`;
  if (cause === 'no-heartbeat')
    return `${clause} at ${time(startMs)} (${traced ? '' : 'no sender, '}event loop blocked or process suspended)`;
  if (cause === 'on-time') return clause;
  if (endMs !== silence.endMs) return `${clause} from ${time(startMs)} to ${time(endMs)}`;
  return startMs === silence.startMs ? `${clause} the whole time` : `${clause} from ${time(startMs)} on`;
}

/** Those with the silence's cause and then the longest others, as many as a sentence names, by time. */
function mostTelling(phases: readonly Phase[], silence: Silence): Phase[] {
  const isDecisive = ({ cause }: Phase): number => Number(cause === silence.cause);
  return [...phases]
    .sort((a, b) => isDecisive(b) - isDecisive(a) || longestFirst(a, b))
    .slice(0, MAX_NAMED)
    .sort((a, b) => a.startMs - b.startMs);
}

export function endLabel({ shutDownMs, truncated }: TrackerHistory): string {
  return shutDownMs !== undefined ? 'shut down' : truncated ? 'still running' : 'log ends';
}

export function endClause(
  { shutDownMs, truncated, lastMs, processLastMs = lastMs, intervalMs }: TrackerHistory,
  time: TimeFormat,
): string {
  if (shutDownMs !== undefined) return `until the session was shut down at ${time(shutDownMs)}`;
  if (truncated) return `until the end of the chosen time at ${time(lastMs)}`;
  if (processLastMs - lastMs > intervalMs)
    return `until this session's lines end at ${time(lastMs)}; its process kept logging until ${time(processLastMs)}, so it was alive, but this tracker had no heartbeat`;
  return `until the log ends at ${time(lastMs)} without a shutdown report: the process was killed outright, or still runs`;
}

function silentFor(silence: Silence): string {
  const isCertain = silence.phases.every(({ cause }) => cause !== 'unknown');
  return `silent for ${isCertain ? '' : 'up to '}${duration(lengthMs(silence))}`;
}

/** What ran at the end, to begin a sentence. Reasons are names and keep their case. */
export function workAtEnd(history: TrackerHistory): string {
  return reasonsText(history.runningAtEnd).replace(/^work\b/, 'Work');
}

function workDuring({ startMs, endMs, reachesEnd, cause }: Silence, history: TrackerHistory): string {
  if (reachesEnd && cause !== 'short-work') return reasonsText(history.runningAtEnd);
  const reasons = new Map<string, number>();
  for (const activity of history.activities) {
    if (activity.startMs > endMs) break;
    if (activity.endMs > startMs) reasons.set(activity.reason, 1);
  }
  return reasons.size === 0 ? 'work' : reasonsText(reasons);
}

function reasonsText(counts: ReadonlyMap<string, number>): string {
  const named = [...counts].slice(0, MAX_NAMED).map(([reason, n]) => `${printable(reason)}${n > 1 ? ` (${n})` : ''}`);
  const more = counts.size - named.length;
  return list(more > 0 ? [...named, count(more, 'other reason')] : named);
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

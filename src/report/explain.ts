import { timeFormat, type TimeFormat } from './format.js';
import { extentOf, type SessionHistory, type TrackerHistory } from './history.js';
import { lengthMs } from './spans.js';
import { judge, SEVERITY, type Verdict } from './verdict.js';

export interface ExplainedTracker {
  readonly history: TrackerHistory;
  readonly verdict: Verdict;
}

/** One session, explained. */
export interface ExplainedSession {
  readonly id: string | null;
  /** Its trackers by time, one at least. */
  readonly trackers: readonly ExplainedTracker[];
  /** The tracker with the worst verdict. */
  readonly worst: ExplainedTracker;
  readonly time: TimeFormat;
}

/**
 * Explains sessions, the worst first.
 *
 * @param limitMs - a silence longer than this is too long for the platform.
 */
export function explain(sessions: readonly SessionHistory[], limitMs: number): ExplainedSession[] {
  return sessions
    .flatMap(({ id, trackers }): ExplainedSession[] => {
      if (trackers.length === 0) return [];
      const { startMs, endMs } = extentOf(trackers);
      const time = timeFormat(startMs, endMs);
      const explained = trackers.map((history) => ({ history, verdict: judge(history, limitMs, time) }));
      const worst = explained.reduce((a, b) => (compare(a, b) < 0 ? a : b));
      return [{ id, trackers: explained, worst, time }];
    })
    .sort((a, b) => compare(a.worst, b.worst));
}

/** The worse one first: by severity, then by the length of the silence. */
function compare(a: ExplainedTracker, b: ExplainedTracker): number {
  const silentMs = ({ verdict: { silence } }: ExplainedTracker): number =>
    silence === undefined ? 0 : lengthMs(silence);
  return SEVERITY[b.verdict.severity] - SEVERITY[a.verdict.severity] || silentMs(b) - silentMs(a);
}

import { lowerBound } from './lower-bound.js';
import { type Cause, normalSilenceMs, type Phase, Timeline } from './phases.js';
import { lengthMs, merge, type Span } from './spans.js';
import type { TrackerHistory } from './history.js';

/** A time in which work ran and no keep-alive went out. */
export interface Silence extends Span {
  readonly phases: readonly Phase[];
  /** The cause when the silence became too long. */
  readonly cause: Cause;
  readonly code: string | null;
  /** Whether a keep-alive went out at its beginning; otherwise work began there. */
  readonly followsKeepalive: boolean;
  /** Whether it lasts until the tracker's end, with work running. */
  readonly reachesEnd: boolean;
}

/**
 * Finds the silences that are longer than an interval. A pause in the work does not end a silence if it is shorter than
 * the idle threshold.
 */
export function silencesOf(history: TrackerHistory, limitMs: number): readonly Silence[] {
  if (!showsSendTimes(history)) return [];
  const silences: Silence[] = [];
  const sent = history.keepalives.filter(({ outcome }) => outcome === 'sent').map(({ atMs }) => atMs);
  const timeline = new Timeline(history);
  const endMs = history.busy.at(-1)?.endMs;
  const runsAtEnd = history.runningAtEnd.size > 0;
  for (const stretch of merge(history.busy, history.idleAfterMs)) {
    const first = lowerBound(sent, (ms) => ms < stretch.startMs);
    const inside = sent.slice(
      first,
      lowerBound(sent, (ms) => ms <= stretch.endMs),
    );
    let [fromMs, followsKeepalive] = [stretch.startMs, false];
    for (const toMs of [...inside, stretch.endMs]) {
      if (toMs - fromMs > normalSilenceMs(history)) {
        const phases = timeline.phases(fromMs, toMs);
        const { cause, code } = decisivePhase(phases, fromMs + limitMs);
        const reachesEnd = toMs === endMs && runsAtEnd && sent.at(-1) !== toMs;
        silences.push({ startMs: fromMs, endMs: toMs, phases, cause, code, followsKeepalive, reachesEnd });
      }
      [fromMs, followsKeepalive] = [toMs, true];
    }
  }
  return silences;
}

/** Whether the log shows when keep-alives went out. Without a trace and heartbeats it does only if none went out. */
export function showsSendTimes({ traced, hasHeartbeats, totals }: TrackerHistory): boolean {
  return traced || hasHeartbeats || totals?.sent === 0;
}

/** The phase in which the silence passed the limit, or else the longest one with a known cause. */
function decisivePhase(phases: readonly Phase[], limitAtMs: number): Phase {
  const weight = ({ cause, startMs, endMs }: Phase): number => {
    if (cause === 'on-time') return 0;
    if (cause === 'unknown') return 1;
    return startMs <= limitAtMs && limitAtMs < endMs ? 3 : 2;
  };
  return phases.reduce((best, phase) =>
    (weight(phase) - weight(best) || lengthMs(phase) - lengthMs(best)) > 0 ? phase : best,
  );
}

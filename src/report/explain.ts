import { causeClause, remedy, shortCause } from './causes.js';
import { evidence, limits } from './evidence.js';
import { count, duration, list, printable, timeFormat, type TimeFormat } from './format.js';
import { longestOnTime, type Phase, type Silence, silencesOf } from './silences.js';
import type { SessionStory, TrackerStory } from './story.js';

/** How bad it is; the worst is shown first. */
export const SEVERITY = { fine: 0, troubled: 1, survived: 2, cutShort: 3, unknown: 3, vanished: 4, silenced: 5 } as const;

export type Severity = keyof typeof SEVERITY;

/** What became of one tracker, and why. */
export interface Verdict {
  readonly severity: Severity;
  /** A few words. */
  readonly title: string;
  /** One to three sentences. */
  readonly text: string;
  /** The lines of the log from which it is known. */
  readonly knownFrom: readonly string[];
  /** What the log cannot tell. */
  readonly notKnown: readonly string[];
  /** What to do; `undefined` where nothing needs to be done. */
  readonly remedy: string | undefined;
  /** The silence that the verdict is about. */
  readonly silence: Silence | undefined;
  /** All silences longer than the limit. */
  readonly overLimit: readonly Silence[];
}

export interface ExplainedTracker {
  readonly story: TrackerStory;
  readonly verdict: Verdict;
}

/** One session, explained. */
export interface Explained {
  readonly id: string | null;
  /** Its trackers by time, one at least. */
  readonly trackers: readonly ExplainedTracker[];
  /** The tracker that fared worst. */
  readonly worst: ExplainedTracker;
  readonly time: TimeFormat;
}

/** How many parts of a silence, and how many reasons, a sentence names. */
const MAX_NAMED = 3;

/**
 * Explains sessions, the worst first.
 *
 * @param limitMs - a silence longer than this is too long for the platform.
 */
export function explain(sessions: readonly SessionStory[], limitMs: number): Explained[] {
  return sessions
    .flatMap(({ id, trackers }): Explained[] => {
      const first = trackers[0];
      if (first === undefined) return [];
      const time = timeFormat(first.firstMs, Math.max(...trackers.map(({ lastMs }) => lastMs)));
      const explained = trackers.map((story) => ({ story, verdict: judge(story, limitMs, time) }));
      const worst = explained.reduce((a, b) => (compare(a, b) < 0 ? a : b));
      return [{ id, trackers: explained, worst, time }];
    })
    .sort((a, b) => compare(a.worst, b.worst));
}

/** The worse one first: by severity, then by the length of the silence. */
function compare(a: ExplainedTracker, b: ExplainedTracker): number {
  const silence = ({ verdict }: ExplainedTracker): number =>
    verdict.silence === undefined ? 0 : verdict.silence.endMs - verdict.silence.startMs;
  return SEVERITY[b.verdict.severity] - SEVERITY[a.verdict.severity] || silence(b) - silence(a);
}

function judge(story: TrackerStory, limitMs: number, time: TimeFormat): Verdict {
  const silences = silencesOf(story, limitMs);
  const overLimit = silences.filter(({ startMs, endMs }) => endMs - startMs > limitMs);
  const final = silences.find(({ reachesEnd }) => reachesEnd);
  const longest = overLimit.reduce<Silence | undefined>(
    (best, next) => (best === undefined || next.endMs - next.startMs > best.endMs - best.startMs ? next : best),
    undefined,
  );
  const verdict = (severity: Severity, title: string, text: string, silence?: Silence, advice?: string): Verdict => ({
    severity,
    title,
    text,
    knownFrom: evidence(story, silence, time),
    notKnown: limits(story),
    remedy: advice ?? (silence && remedy(silence.cause)),
    silence,
    overLimit,
  });

  const running = story.runningAtEnd;
  if (running === undefined) return judgeUntold(story, time, verdict);
  if (running.size > 0 && final !== undefined) {
    const isLong = final.endMs - final.startMs > limitMs;
    const severity = isLong ? 'silenced' : story.shutdown === undefined ? 'vanished' : 'cutShort';
    const title = `${endWord(story)} after ${duration(final.endMs - final.startMs)} of silence: ${shortCause(final)}`;
    const below = isLong ? '' : ` That is below the limit of ${duration(limitMs)}.`;
    return verdict(severity, title, `${tell(final, story, time)}${below}`, final);
  }
  if (running.size > 0 && longest !== undefined && longest.endMs >= story.lastMs - limitMs) {
    const title = `${endWord(story)} soon after ${duration(longest.endMs - longest.startMs)} of silence: ${shortCause(longest)}`;
    const rest = `${runningText(story)} ran on ${endClause(story, time)}.`;
    return verdict('silenced', title, `${tell(longest, story, time)} ${rest}`, longest);
  }
  if (running.size > 0) return judgeKeptAlive(story, longest, time, verdict);
  const end = tellQuietEnd(story, time);
  if (longest !== undefined)
    return verdict(
      'survived',
      `survived ${duration(longest.endMs - longest.startMs)} of silence: ${shortCause(longest)}`,
      `${tell(longest, story, time)} ${end}`,
      longest,
    );
  const troubles = story.late.length + story.unmatchedStops.size + story.overdue.length;
  const failed = story.keepalives.some(({ outcome }) => outcome === 'failed');
  const isFine = troubles === 0 && !failed;
  return verdict(isFine ? 'fine' : 'troubled', 'ended with nothing running', end);
}

type MakeVerdict = (severity: Severity, title: string, text: string, silence?: Silence, advice?: string) => Verdict;

/** Work ran at the end, and keep-alives went out as they should. */
function judgeKeptAlive(
  story: TrackerStory,
  longest: Silence | undefined,
  time: TimeFormat,
  verdict: MakeVerdict,
): Verdict {
  const last = story.keepalives.findLast(({ outcome }) => outcome === 'sent');
  const since = last && story.lastMs - last.atMs;
  const lastText =
    last === undefined || since === undefined
      ? `No keep-alive was due yet: the work began at ${time(story.busy.at(-1)?.startMs ?? story.firstMs)}.`
      : `Last keep-alive ${time(last.atMs)}, ${since < 1_000 ? 'at' : `${duration(since)} before`} the end: silence is not the reason.`;
  const before =
    longest === undefined
      ? ''
      : ` It had survived ${duration(longest.endMs - longest.startMs)} of silence from ${time(longest.startMs)} on: ${shortCause(longest)}.`;
  const text = `${lastText} ${runningText(story)} ran ${endClause(story, time)}.${before}`;
  return story.shutdown === undefined && !story.cut
    ? verdict(
        'vanished',
        'log ends while work ran',
        text,
        undefined,
        'Look for an out-of-memory kill, a SIGKILL, a crash or a stopped host at that time. If a proxy or an idle timer did it all the same, it does not see these keep-alives.',
      )
    : verdict(
        'cutShort',
        `${endWord(story)} while work ran, kept alive until then`,
        text,
        undefined,
        'Somebody shut it down: a deployment, a closed client, the end of a longest life. To let work end first, wait for `whenIdle()` or `drain()` at shutdown.',
      );
}

/** Nothing tells what ran at the end: no trace and no shutdown report. */
function judgeUntold(story: TrackerStory, time: TimeFormat, verdict: MakeVerdict): Verdict {
  const last = story.keepalives.at(-1);
  const isBusy = last?.trigger === 'heartbeat' && story.lastMs - last.atMs <= longestOnTime(story);
  const lastText =
    last === undefined
      ? 'It tells of no heartbeat.'
      : `Work ran at ${time(last.atMs)}; that keep-alive ${last.outcome === 'sent' ? 'went out' : `did not surely go out (${shortCause({ cause: last.outcome, code: last.code })})`}.`;
  const text = `The log ends at ${time(story.lastMs)} without a shutdown report. ${lastText}`;
  const title = isBusy ? 'log ends, probably while work ran' : 'the log cannot tell';
  return verdict(isBusy ? 'vanished' : 'unknown', title, text, undefined, remedy('unknown'));
}

function tellQuietEnd(story: TrackerStory, time: TimeFormat): string {
  const end = story.busy.at(-1);
  if (end === undefined) return 'Nothing ran: stopping it was right, and no work was lost.';
  const rest = story.lastMs - end.endMs;
  const idle = rest > 0 ? ` and the session was idle for ${duration(rest)}` : '';
  return `The last work ended at ${time(end.endMs)}${idle}: stopping it then was right, and no work was lost.`;
}

/** `Last keep-alive 14:02:30. The gate was closed from 14:03:00 on: silent for 2 min 40 s while tool_exec ran, until ...` */
function tell(silence: Silence, story: TrackerStory, time: TimeFormat): string {
  const { startMs, endMs, phases } = silence;
  const earlier = story.keepalives.findLast(({ outcome, atMs }) => outcome === 'sent' && atMs <= startMs);
  const begin = silence.followsKeepalive
    ? `Last keep-alive ${time(startMs)}.`
    : earlier !== undefined
      ? `Last keep-alive ${time(earlier.atMs)}; work began again at ${time(startMs)}.`
      : story.keepalives.some(({ outcome }) => outcome === 'sent')
        ? `Work began at ${time(startMs)}; no keep-alive had gone out yet.`
        : `No keep-alive ever went out. Work began at ${time(startMs)}.`;
  const named = phases.filter(({ cause }) => cause !== 'on-time');
  const shown = named.length > MAX_NAMED ? longestOf(named, silence) : named;
  const chain = shown.map((phase, index) => tellPhase(phase, index === shown.length - 1, silence, time));
  const more = named.length - shown.length;
  const rest = more > 0 ? ` (and ${count(more, 'other stretch', 'other stretches')})` : '';
  const causes = capitalize(chain.join(', then ')) + rest;
  const until = silence.reachesEnd
    ? endClause(story, time)
    : `until ${story.keepalives.some(({ outcome, atMs }) => outcome === 'sent' && atMs === endMs) ? 'a keep-alive went out' : 'the work ended'} at ${time(endMs)}`;
  return `${begin} ${causes}: ${silentFor(silence)} while ${ranDuring(silence, story)} ran, ${until}.`;
}

function tellPhase(phase: Phase, isLast: boolean, silence: Silence, time: TimeFormat): string {
  const { cause, startMs, endMs } = phase;
  const clause = causeClause(phase);
  const length = duration(endMs - startMs);
  if (cause === 'late') return `${clause} for ${length} (event loop blocked or process suspended) until ${time(endMs)}`;
  if (cause === 'short-work') return `${clause}, and each new piece began the interval anew`;
  if (cause === 'no-heartbeat') return `${clause} at ${time(startMs)}`;
  if (startMs === silence.startMs && isLast) return `${clause} all the time`;
  return isLast && endMs === silence.endMs
    ? `${clause} from ${time(startMs)} on`
    : `${clause} from ${time(startMs)} to ${time(endMs)}`;
}

/** The decisive phase and the longest others, by time. */
function longestOf(phases: readonly Phase[], silence: Silence): Phase[] {
  const weight = (phase: Phase): number => (phase.cause === silence.cause ? Infinity : phase.endMs - phase.startMs);
  return [...phases]
    .sort((a, b) => weight(b) - weight(a) || b.endMs - b.startMs - (a.endMs - a.startMs))
    .slice(0, MAX_NAMED)
    .sort((a, b) => a.startMs - b.startMs);
}

function endWord({ shutdown, cut }: TrackerStory): string {
  return shutdown !== undefined ? 'shut down' : cut ? 'still running' : 'log ends';
}

function endClause({ shutdown, cut, lastMs, processLastMs, intervalMs }: TrackerStory, time: TimeFormat): string {
  if (shutdown !== undefined) return `until the session was shut down at ${time(shutdown.atMs)}`;
  if (cut) return `until the end of the chosen time at ${time(lastMs)}`;
  if (processLastMs - lastMs > intervalMs)
    return `until this session's lines end at ${time(lastMs)}; its process went on logging until ${time(processLastMs)}, so it lived, but this tracker did not beat`;
  return `until the log ends at ${time(lastMs)} without a shutdown report: the process was killed outright, or still runs`;
}

function silentFor({ startMs, endMs }: Silence): string {
  return `silent for ${duration(endMs - startMs)}`;
}

function runningText({ runningAtEnd }: TrackerStory): string {
  return reasonsText([...(runningAtEnd ?? [])]);
}

function ranDuring({ startMs, endMs, reachesEnd }: Silence, story: TrackerStory): string {
  if (reachesEnd) return runningText(story);
  const reasons = new Set<string>();
  for (const activity of story.activities) {
    if (activity.startMs > endMs) break;
    if (activity.endMs > startMs) reasons.add(activity.reason);
  }
  return reasons.size === 0 ? 'work' : reasonsText([...reasons].map((reason) => [reason, 1]));
}

function reasonsText(counts: readonly (readonly [reason: string, n: number])[]): string {
  const named = counts.slice(0, MAX_NAMED).map(([reason, n]) => `${printable(reason)}${n > 1 ? ` (${n})` : ''}`);
  const more = counts.length - named.length;
  return list(more > 0 ? [...named, count(more, 'other reason')] : named);
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

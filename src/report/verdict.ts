import { causeClause, remedy, shortCause } from './causes.js';
import { evidence, unknowns } from './evidence.js';
import { count, duration, type TimeFormat } from './format.js';
import {
  describeIdleEnd,
  describeMissingSender,
  describeSilence,
  endClause,
  endLabel,
  workAtEnd,
} from './sentences.js';
import type { Cause } from './phases.js';
import { showsSendTimes, type Silence, silencesOf } from './silences.js';
import { lengthMs, longestFirst } from './spans.js';
import type { TrackerHistory } from './history.js';

/** How bad a verdict is. The report shows the worst first. */
export const SEVERITY = {
  fine: 0,
  troubled: 1,
  survived: 2,
  cutShort: 3,
  unknown: 3,
  vanished: 4,
  silenced: 5,
} as const;

type Severity = keyof typeof SEVERITY;

/** What became of one tracker, and why. */
export interface Verdict {
  readonly severity: Severity;
  /** A few words. */
  readonly title: string;
  /** One to three sentences. */
  readonly text: string;
  /** The lines of the log that show it. */
  readonly knownFrom: readonly string[];
  /** What the log does not show. */
  readonly notKnown: readonly string[];
  /** What to do; `undefined` if nothing needs to be done. */
  readonly remedy: string | undefined;
  /** The silence that the verdict is about. */
  readonly silence: Silence | undefined;
  /** All silences longer than the limit. */
  readonly overLimit: readonly Silence[];
}

/** The tone of a verdict, which decides its colour. */
export function toneOf({ severity }: Verdict): 'bad' | 'warn' | 'good' {
  const level = SEVERITY[severity];
  return level >= SEVERITY.vanished ? 'bad' : level >= SEVERITY.troubled ? 'warn' : 'good';
}

/**
 * Judges what became of a tracker.
 *
 * @param limitMs - a silence longer than this is too long for the platform.
 */
export function judge(history: TrackerHistory, limitMs: number, time: TimeFormat): Verdict {
  const silences = silencesOf(history, limitMs);
  const overLimit = silences.filter((silence) => lengthMs(silence) > limitMs);
  const final = silences.find(({ reachesEnd }) => reachesEnd);
  const longest = [...overLimit].sort(longestFirst)[0];
  const verdict = (severity: Severity, title: string, text: string, silence?: Silence, advice?: string): Verdict => ({
    severity,
    title,
    text,
    knownFrom: evidence(history, silence, time),
    notKnown: unknowns(history),
    remedy: advice ?? (silence && remedy(isGuess(history, silence) ? 'unknown' : silence.cause)),
    silence,
    overLimit,
  });

  if (!history.isEndKnown) return judgeUnknownEnd(history, time, verdict);
  if (history.runningAtEnd.size === 0) return judgeIdleEnd(history, longest, time, verdict);
  if (!showsSendTimes(history)) return judgeByTotals(history, limitMs, time, verdict);
  if (final !== undefined) {
    const isLong = lengthMs(final) > limitMs;
    const severity = isLong ? 'silenced' : history.shutDownMs === undefined ? 'vanished' : 'cutShort';
    const title = `${endLabel(history)} after ${duration(lengthMs(final))} of silence: ${shortCause(final)}`;
    const within = isLong ? '' : ` That is within the limit of ${duration(limitMs)}.`;
    return verdict(severity, title, `${describeSilence(final, history, time)}${within}`, final);
  }
  if (longest !== undefined && longest.endMs >= history.lastMs - limitMs) {
    const title = `${endLabel(history)} soon after ${duration(lengthMs(longest))} of silence: ${shortCause(longest)}`;
    const rest = `${workAtEnd(history)} ran on ${endClause(history, time)}.`;
    return verdict('silenced', title, `${describeSilence(longest, history, time)} ${rest}`, longest);
  }
  if (history.shutDownMs === undefined && endsWithoutSender(history))
    return verdict(
      'vanished',
      'log ends without a sender while work ran',
      describeMissingSender(history, time),
      undefined,
      remedy('no-sender'),
    );
  return judgeKeptAlive(history, longest, time, verdict);
}

/** Without a trace, a heartbeat may also be missing because there was no sender. */
function isGuess({ traced }: TrackerHistory, { cause }: Silence): boolean {
  return !traced && cause === 'no-heartbeat';
}

function endsWithoutSender({ senders, lastSenderEvent }: TrackerHistory): boolean {
  return senders?.length === 0 || lastSenderEvent?.name === 'session_sender_removed';
}

type MakeVerdict = (severity: Severity, title: string, text: string, silence?: Silence, advice?: string) => Verdict;

/** Nothing ran at the end. */
function judgeIdleEnd(
  history: TrackerHistory,
  longest: Silence | undefined,
  time: TimeFormat,
  verdict: MakeVerdict,
): Verdict {
  const end = describeIdleEnd(history, time);
  if (longest === undefined)
    return verdict(wasTroubled(history) ? 'troubled' : 'fine', 'ended with nothing running', end);
  const title = `survived ${duration(lengthMs(longest))} of silence: ${shortCause(longest)}`;
  return verdict('survived', title, `${describeSilence(longest, history, time)} ${end}`, longest);
}

function wasTroubled({ late, unmatchedStops, overdue, keepalives }: TrackerHistory): boolean {
  return (
    late.length > 0 ||
    unmatchedStops.size > 0 ||
    overdue.length > 0 ||
    keepalives.some(({ outcome }) => outcome === 'failed')
  );
}

/** Work ran at the end, and keep-alives went out as they should. */
function judgeKeptAlive(
  history: TrackerHistory,
  longest: Silence | undefined,
  time: TimeFormat,
  verdict: MakeVerdict,
): Verdict {
  const last = history.keepalives.findLast(({ outcome }) => outcome === 'sent');
  const lastText =
    last === undefined
      ? `No keep-alive was ${history.keepalives.length > 0 ? 'sent' : 'due'} yet: the work began at ${time(history.busy.at(-1)?.startMs ?? history.firstMs)}.`
      : `Last keep-alive ${time(last.atMs)}, ${beforeEnd(history.lastMs - last.atMs)} the end: silence is not the reason.`;
  const before =
    longest === undefined
      ? ''
      : ` It had survived ${duration(lengthMs(longest))} of silence from ${time(longest.startMs)} on: ${shortCause(longest)}.`;
  const text = `${lastText} ${workAtEnd(history)} ran ${endClause(history, time)}.${before}`;
  if (history.shutDownMs !== undefined)
    return verdict(
      'cutShort',
      'shut down while work ran, kept alive until then',
      text,
      undefined,
      'Something shut it down: a deployment, a closed client, a maximum lifetime. To let work end first, use `drain()` at shutdown, with a `timeoutMs` that is long enough.',
    );
  if (history.truncated) return verdict('cutShort', 'still running, kept alive until then', text);
  return verdict(
    'vanished',
    'log ends while work ran',
    text,
    undefined,
    'Look for an out-of-memory kill, a SIGKILL, a crash or a stopped host at that time. If a proxy or an idle timer ended it, that does not count these keep-alives as activity.',
  );
}

function beforeEnd(ms: number): string {
  return ms < 1_000 ? 'at' : `${duration(ms)} before`;
}

/** Neither heartbeats nor a trace: the log has only failures, the shutdown report and the totals. */
function judgeByTotals(history: TrackerHistory, limitMs: number, time: TimeFormat, verdict: MakeVerdict): Verdict {
  const last = lastTrouble(history);
  const totals = history.totals;
  const sent =
    totals === undefined ? '' : ` ${count(totals.sent, 'keep-alive')} went out in all; the log does not say when.`;
  const text = `${workAtEnd(history)} ran ${endClause(history, time)}.${sent}${troubleText(last, time)}`;
  if (last === undefined) return verdict('cutShort', 'shut down while work ran', text, undefined, remedy('unknown'));
  const severity = history.lastMs - last.atMs > limitMs ? 'silenced' : 'cutShort';
  return verdict(severity, `shut down while work ran: ${shortCause(last)}`, text, undefined, remedy(last.cause));
}

/** Nothing shows what ran at the end: no trace, no recent heartbeat and no shutdown report. */
function judgeUnknownEnd(history: TrackerHistory, time: TimeFormat, verdict: MakeVerdict): Verdict {
  const text = `The log ends at ${time(history.lastMs)} without a shutdown report, and does not say whether work ran then.${troubleText(lastTrouble(history), time)}`;
  return verdict('unknown', 'the log cannot tell', text, undefined, remedy('unknown'));
}

type Trouble = Readonly<{ atMs: number; cause: Cause; code: string | null }>;

function lastTrouble({ keepalives }: TrackerHistory): Trouble | undefined {
  const last = keepalives.at(-1);
  return last === undefined || last.outcome === 'sent' ? undefined : { ...last, cause: last.outcome };
}

function troubleText(trouble: Trouble | undefined, time: TimeFormat): string {
  return trouble === undefined
    ? ''
    : ` Its last line about keep-alives: at ${time(trouble.atMs)}, ${causeClause(trouble)}.`;
}

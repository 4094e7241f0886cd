import type { KeepaliveSummaryData, NotSentCause } from '../tracker/events.js';
import type { LogEvent } from './log-event.js';

/**
 * What became of a keep-alive that was due. `'unknown'`: not in the log. `'aborted'`: its send was aborted because the
 * sender was replaced or removed.
 */
export type Outcome = 'sent' | 'failed' | NotSentCause | 'aborted' | 'unknown';

export interface Keepalive {
  /** When it was due, or sent with `sendSignal()`. */
  readonly atMs: number;
  readonly trigger: 'heartbeat' | 'signal';
  readonly outcome: Outcome;
  /** Of a failed one: the error's code, or `timeout`. */
  readonly code: string | null;
  readonly tookMs: number | undefined;
}

type Draft = { -readonly [Key in keyof Keepalive]: Keepalive[Key] } & { decided: boolean };

/** A line with an outcome is about one of this many keep-alives before it. */
const LOOKBACK = 4;
const ROUNDING_MS = 20;

/**
 * Finds the outcome of each keep-alive that was due. A tracker logs only the first of several failures in a row, and
 * why nothing was sent only when the cause changes. The outcomes of the others follow from the last that was logged.
 */
export function keepalivesOf(
  events: readonly LogEvent[],
  traced: boolean,
  lastMs: number,
  totals: KeepaliveSummaryData | undefined,
): readonly Keepalive[] {
  const all: Draft[] = [];
  /** The code of the current row of failures; `undefined` if there is none. */
  let failureCode: string | null | undefined;
  /** Why the last one was not sent, if nothing was attempted since. */
  let cause: NotSentCause | undefined;

  const push = (atMs: number, trigger: Keepalive['trigger']): Draft => {
    const draft: Draft = { atMs, trigger, outcome: 'unknown', code: null, tookMs: undefined, decided: false };
    all.push(draft);
    return draft;
  };
  const decide = (draft: Draft, outcome: Outcome, code: string | null = null): void => {
    draft.outcome = outcome;
    draft.code = code;
    draft.decided = true;
  };
  /** The latest keep-alive without an outcome that was due by then. */
  const findPending = (atOrBeforeMs: number): Draft | undefined =>
    all.slice(-LOOKBACK).findLast((draft) => !draft.decided && draft.atMs <= atOrBeforeMs);
  /** Infers the outcome of the last keep-alive, once no later line can be about it. */
  const inferLast = (): void => {
    const last = all.at(-1);
    if (last === undefined || last.decided) return;
    // Without a trace, a success after a keep-alive that was not sent leaves no line.
    if (failureCode !== undefined) decide(last, cause ?? 'failed', cause === undefined ? failureCode : null);
    else if (cause !== undefined) last.outcome = traced ? cause : 'unknown';
    else if (!traced && last.atMs < lastMs) last.outcome = 'sent';
  };

  for (const { name, atMs, data } of events) {
    switch (name) {
      case 'session_keepalive_heartbeat':
        inferLast();
        push(atMs, 'heartbeat');
        break;
      case 'session_keepalive_sent': {
        const sentMs = atMs - data.took_ms;
        const beat = data.trigger === 'heartbeat' ? findPending(sentMs + ROUNDING_MS) : undefined;
        const draft = beat ?? push(sentMs, data.trigger);
        decide(draft, 'sent');
        draft.tookMs = data.took_ms;
        failureCode = cause = undefined;
        break;
      }
      case 'session_keepalive_failed': {
        const code = data.outcome === 'timeout' ? 'timeout' : data.error_code;
        decide(findPending(atMs) ?? push(atMs, 'signal'), 'failed', code);
        failureCode = code;
        cause = undefined;
        break;
      }
      case 'session_keepalive_recovered':
        // With a trace, the send has a line of its own.
        if (!traced) decide(findPending(atMs) ?? push(atMs, 'signal'), 'sent');
        failureCode = cause = undefined;
        break;
      case 'session_keepalive_not_sent':
        decide(findPending(atMs) ?? push(atMs, 'signal'), data.cause);
        cause = data.cause;
        break;
      case 'session_idle':
        // The next cause is logged again.
        inferLast();
        cause = undefined;
        break;
      case 'session_sender_registered':
        // A new sender's first failure, or cause for not sending, is logged again.
        inferLast();
        failureCode = cause = undefined;
        break;
      case 'session_sender_removed': {
        const last = all.at(-1);
        if (last !== undefined && !last.decided && failureCode === undefined && cause === undefined)
          decide(last, 'aborted');
        break;
      }
      default:
    }
  }
  inferLast();
  all.sort((a, b) => a.atMs - b.atMs);
  return resolveByTotals(all, totals);
}

/** If the tracker's total equals the number known to be sent, none of the unknown ones was sent. */
function resolveByTotals(all: readonly Draft[], totals: KeepaliveSummaryData | undefined): readonly Keepalive[] {
  const areAllSentKnown = totals?.sent === all.filter(({ outcome }) => outcome === 'sent').length;
  /** The last outcome that the log shows. */
  let known: Outcome = 'unknown';
  return all.map(({ atMs, trigger, outcome, code, tookMs }) => {
    if (outcome !== 'unknown') known = outcome;
    const wasNotSent = areAllSentKnown && known !== 'sent' && known !== 'aborted';
    return { atMs, trigger, outcome: wasNotSent ? known : outcome, code, tookMs };
  });
}

import type { KeepaliveSummaryData, NotSentCause } from '../tracker/events.js';
import type { LogEvent } from './log-event.js';

/**
 * What became of a keep-alive that was due. `'unknown'`: the log does not tell. `'dropped'`: its send was aborted because
 * the sender was replaced or removed.
 */
export type Outcome = 'sent' | 'failed' | NotSentCause | 'dropped' | 'unknown';

export interface Keepalive {
  /** When it was due; of an explicit signal, when it was sent. */
  readonly atMs: number;
  readonly trigger: 'heartbeat' | 'signal';
  readonly outcome: Outcome;
  /** Of a failed one: the error's code, or `timeout`. */
  readonly code: string | null;
  readonly tookMs: number | undefined;
}

type Draft = { -readonly [Key in keyof Keepalive]: Keepalive[Key] } & { decided: boolean };

/** How far back an outcome may lie behind its heartbeat. */
const REACH = 4;
const ROUNDING_MS = 20;

/**
 * Gives each keep-alive that was due its outcome. A tracker logs a failure only at the first of a row, and a cause for not
 * sending only when it changes, so the others take theirs from the state that the log leaves the sender in.
 */
export function keepalivesOf(
  events: readonly LogEvent[],
  traced: boolean,
  lastMs: number,
  totals: KeepaliveSummaryData | undefined,
): readonly Keepalive[] {
  const all: Draft[] = [];
  /** The code of the row of failures that goes on. */
  let failing: string | null | undefined;
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
  /** The heartbeat that waits for its outcome. */
  const waiting = (atOrBeforeMs: number): Draft | undefined =>
    all.slice(-REACH).findLast((draft) => !draft.decided && draft.atMs <= atOrBeforeMs);
  /** Called when a line shows that no more will be said about the last heartbeat. */
  const settle = (): void => {
    const last = all.at(-1);
    if (last === undefined || last.decided) return;
    // Without a trace, a success after a keep-alive that was not sent leaves no line.
    if (failing !== undefined) decide(last, cause ?? 'failed', cause === undefined ? failing : null);
    else if (cause !== undefined) last.outcome = traced ? cause : 'unknown';
    else if (!traced && last.atMs < lastMs) last.outcome = 'sent';
  };

  for (const { name, atMs, data } of events) {
    switch (name) {
      case 'session_keepalive_heartbeat':
        settle();
        push(atMs, 'heartbeat');
        break;
      case 'session_keepalive_sent': {
        const sentMs = atMs - data.took_ms;
        const beat = data.trigger === 'heartbeat' ? waiting(sentMs + ROUNDING_MS) : undefined;
        const draft = beat ?? push(sentMs, data.trigger);
        decide(draft, 'sent');
        draft.tookMs = data.took_ms;
        failing = cause = undefined;
        break;
      }
      case 'session_keepalive_failed': {
        const code = data.outcome === 'timeout' ? 'timeout' : data.error_code;
        decide(waiting(atMs) ?? push(atMs, 'signal'), 'failed', code);
        failing = code;
        cause = undefined;
        break;
      }
      case 'session_keepalive_recovered':
        // With a trace, the line about the send itself tells.
        if (!traced) decide(waiting(atMs) ?? push(atMs, 'signal'), 'sent');
        failing = cause = undefined;
        break;
      case 'session_keepalive_not_sent':
        decide(waiting(atMs) ?? push(atMs, 'signal'), data.cause);
        cause = data.cause;
        break;
      case 'session_idle':
        // The next cause is logged anew.
        settle();
        cause = undefined;
        break;
      case 'session_sender_registered':
        // A new sender's first failure, or cause for not sending, is logged anew.
        settle();
        failing = cause = undefined;
        break;
      case 'session_sender_removed': {
        const last = all.at(-1);
        if (last !== undefined && !last.decided && failing === undefined && cause === undefined)
          decide(last, 'dropped');
        break;
      }
      default:
    }
  }
  settle();
  all.sort((a, b) => a.atMs - b.atMs);
  return resolveByTotals(all, totals);
}

/** Where the tracker's own total shows that no more were sent than are known, none of the unknown ones was. */
function resolveByTotals(all: readonly Draft[], totals: KeepaliveSummaryData | undefined): readonly Keepalive[] {
  const known = all.filter(({ outcome }) => outcome === 'sent').length;
  let cause: Outcome | undefined;
  return all.map(({ decided, ...keepalive }) => {
    if (decided && keepalive.outcome !== 'sent' && keepalive.outcome !== 'dropped') cause = keepalive.outcome;
    if (keepalive.outcome !== 'unknown' || cause === undefined || totals?.sent !== known) return keepalive;
    return { ...keepalive, outcome: cause };
  });
}

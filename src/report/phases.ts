import type { Keepalive, Outcome } from './keepalives.js';
import { lowerBound } from './lower-bound.js';
import { covers, lengthMs, overlapping, type Span } from './spans.js';
import type { TrackerHistory } from './history.js';

/**
 * Why no keep-alive went out. `'no-sender'`: none was registered. `'late'`: the process did not run. `'no-heartbeat'`:
 * none came though one was due. `'short-work'`: each piece of work ended before its heartbeat was due. `'on-time'`: the
 * next one was not due yet.
 */
export type Cause = Exclude<Outcome, 'sent'> | 'no-sender' | 'late' | 'no-heartbeat' | 'short-work' | 'on-time';

/** A part of a silence with one cause. */
export interface Phase extends Span {
  readonly cause: Cause;
  /** Of failed sends: the first one's code. */
  readonly code: string | null;
  /** How many keep-alives were due in it. */
  readonly due: number;
}

/** A heartbeat that is late by less than this share of the interval counts as on time. */
const ON_TIME_SHARE = 0.1;
const ROUNDING_MS = 50;

/** The longest silence of a session whose heartbeats are on time. */
export function normalSilenceMs(history: TrackerHistory): number {
  return history.intervalMs * (1 + ON_TIME_SHARE) + ROUNDING_MS;
}

type Change = Readonly<{ atMs: number }> &
  (
    | Readonly<{ kind: 'keepalive'; keepalive: Keepalive }>
    | Readonly<{ kind: 'sender' | 'work'; on: boolean }>
    | Readonly<{ kind: 'late'; lateMs: number }>
  );

/** What happened to the work, the sender and the keep-alives of a tracker, ordered by time. */
export class Timeline {
  readonly #history: TrackerHistory;
  readonly #changes: readonly Change[];

  constructor(history: TrackerHistory) {
    this.#history = history;
    const changes: Change[] = [];
    for (const { startMs, endMs } of history.busy)
      changes.push({ atMs: startMs, kind: 'work', on: true }, { atMs: endMs, kind: 'work', on: false });
    for (const { startMs, endMs } of history.senders ?? [])
      changes.push({ atMs: startMs, kind: 'sender', on: true }, { atMs: endMs, kind: 'sender', on: false });
    for (const { atMs, lateMs } of history.late) changes.push({ atMs, kind: 'late', lateMs });
    for (const keepalive of history.keepalives) changes.push({ atMs: keepalive.atMs, kind: 'keepalive', keepalive });
    this.#changes = changes.sort((a, b) => a.atMs - b.atMs);
  }

  /** Divides a silence into phases of one cause each. */
  phases(fromMs: number, toMs: number): readonly Phase[] {
    const builder = new PhaseBuilder(fromMs);
    const { busy, senders } = this.#history;
    let isWorking = covers(busy, fromMs);
    let hasSender = senders === undefined || covers(senders, fromMs);
    let missed: { cause: Cause; code: string | null } | undefined;
    const current = (): Cause => (isWorking && !hasSender ? 'no-sender' : (missed?.cause ?? 'on-time'));

    // The heartbeat that ends the silence may itself have come late.
    for (const change of this.#between(fromMs, toMs + ROUNDING_MS)) {
      if (change.kind === 'late') {
        builder.advance(Math.min(toMs, change.atMs - change.lateMs), current(), missed?.code);
        builder.advance(Math.min(toMs, change.atMs), 'late');
        continue;
      }
      // Of the events at the very end, only a keep-alive that was not sent belongs to the silence.
      if (change.atMs > toMs || (change.atMs === toMs && !isMissed(change))) continue;
      builder.advance(change.atMs, current(), missed?.code);
      if (change.kind === 'keepalive') {
        const { outcome, code } = change.keepalive;
        missed = { cause: outcome as Exclude<Outcome, 'sent'>, code };
        builder.due++;
      } else if (change.kind === 'sender') {
        hasSender = change.on;
        missed = undefined;
      } else isWorking = change.on;
    }
    builder.advance(toMs, current(), missed?.code);
    builder.close();
    return explainWaits(builder.phases, this.#history);
  }

  #between(afterMs: number, untilMs: number): readonly Change[] {
    const first = lowerBound(this.#changes, ({ atMs }) => atMs <= afterMs);
    return this.#changes.slice(
      first,
      lowerBound(this.#changes, ({ atMs }) => atMs <= untilMs),
    );
  }
}

/** Collects phases one after another and joins neighbours of the same cause. */
class PhaseBuilder {
  readonly phases: (Phase & { endMs: number; due: number })[] = [];
  /** Keep-alives that were due since the last phase began. */
  due = 0;
  #atMs: number;

  constructor(fromMs: number) {
    this.#atMs = fromMs;
  }

  advance(toMs: number, cause: Cause, code: string | null = null): void {
    if (toMs <= this.#atMs) return;
    const last = this.phases.at(-1);
    if (last?.cause === cause) {
      last.endMs = toMs;
      last.due += this.due;
    } else this.phases.push({ startMs: this.#atMs, endMs: toMs, cause, code, due: this.due });
    this.due = 0;
    this.#atMs = toMs;
  }

  /** Counts what was due at the very end. */
  close(): void {
    for (const last of this.phases.slice(-1)) last.due += this.due;
  }
}

function isMissed(change: Change): boolean {
  return change.kind === 'keepalive' && change.keepalive.outcome !== 'sent';
}

/** Finds the cause where nothing seemed due for longer than an interval. */
function explainWaits(phases: readonly Phase[], history: TrackerHistory): readonly Phase[] {
  return phases.flatMap((phase) => {
    if (phase.cause !== 'on-time' || lengthMs(phase) <= normalSilenceMs(history)) return [phase];
    if (!history.traced && !history.hasHeartbeats) return [{ ...phase, cause: 'unknown' as const }];
    // With the steady cadence a heartbeat is due however short the pieces of work are.
    const waits = history.cadence === 'steady' ? [phase] : overlapping(history.busy, phase);
    const longWait = waits.find(
      ({ startMs, endMs }) =>
        Math.min(endMs, phase.endMs) - Math.max(startMs, phase.startMs) > normalSilenceMs(history),
    );
    if (longWait === undefined) {
      const isShortWork = waits.some(({ endMs }) => endMs < phase.endMs);
      return isShortWork ? [{ ...phase, cause: 'short-work' as const }] : [phase];
    }
    const dueMs = Math.max(longWait.startMs, phase.startMs) + history.intervalMs;
    return [
      { ...phase, endMs: dueMs },
      { ...phase, startMs: dueMs, cause: 'no-heartbeat' as const },
    ];
  });
}

import type { ActivityCounts } from './events.js';
import { type Activity, ReasonQueue, RunningActivity } from './running-activity.js';

/** What a ledger tells its owner, each time after its own state is up to date. */
export interface LedgerListener {
  /** The last running activity stopped. */
  onAllStopped(): void;
  /** A stop found no running activity of its reason. Nothing was changed. */
  onUnmatchedStop(reason: string): void;
}

/** An activity that ran for longer than it may. */
export interface OverdueActivity {
  readonly reason: string;
  readonly heldMs: number;
}

/**
 * What is running: every activity, by reason and by age. Knows no time but the numbers it is given, which never
 * decrease.
 *
 * The refcount is the sum of the queues' lengths at any time. Every operation on an activity costs the same however
 * many run.
 */
export class ActivityLedger<Reason extends string> {
  readonly #listener: LedgerListener;
  readonly #queues = new Map<Reason, ReasonQueue<Reason>>();
  #lastEmptied: ReasonQueue<Reason> | undefined;
  #refcount = 0;
  #started = 0;
  #busySinceMs = Infinity;
  #overdueBeforeMs = -Infinity;
  #waiters: Set<() => void> | undefined;
  #closed = false;

  constructor(listener: LedgerListener) {
    this.#listener = listener;
  }

  /** How many activities run. */
  get refcount(): number {
    return this.#refcount;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** How many activities run, by reason, in a new object. */
  counts(): ActivityCounts<Reason> {
    const entries: [string, number][] = [];
    for (const { reason, length } of this.#queues.values()) if (length > 0) entries.push([reason, length]);
    // `fromEntries` defines its properties, so that a reason called `__proto__` counts like any other.
    return Object.fromEntries(entries) as ActivityCounts<Reason>;
  }

  /** The age of the busy period, or `null` when nothing runs. */
  busyMs(nowMs: number): number | null {
    return this.#refcount === 0 ? null : nowMs - this.#busySinceMs;
  }

  /** The age of the oldest running activity, or `null` when nothing runs. */
  oldestMs(nowMs: number): number | null {
    let oldestMs: number | null = null;
    for (const { oldest } of this.#queues.values()) {
      if (oldest) oldestMs = Math.max(oldestMs ?? 0, nowMs - oldest.startedAtMs);
    }
    return oldestMs;
  }

  /** Starts an activity. A closed ledger gives a handle that does nothing. */
  start(reason: Reason, nowMs: number): Activity<Reason> {
    if (this.#closed) return new RunningActivity(this, reason, nowMs, 0);
    let queue = this.#queues.get(reason);
    if (queue === undefined) this.#queues.set(reason, (queue = new ReasonQueue(reason)));
    const activity = new RunningActivity(this, reason, nowMs, this.#started++);
    activity.enter(queue);
    if (this.#refcount++ === 0) this.#busySinceMs = nowMs;
    return activity;
  }

  /** Stops the oldest running activity of that reason. */
  stop(reason: Reason): void {
    this.#take(reason, this.#queues.get(reason)?.oldest);
  }

  /** Stops this activity or, when a stop by reason already took it, the oldest other one of its reason. */
  release(activity: RunningActivity<Reason>): void {
    if (activity.isRunning) this.#take(activity.reason, activity);
    else this.stop(activity.reason);
  }

  /** How many running activities are older than `maxMs`. */
  countOverdue(nowMs: number, maxMs: number): number {
    return [...this.#startedBefore(nowMs - maxMs)].length;
  }

  /** Those that became older than `maxMs` since this was last asked, in the order in which they were started. */
  takeNewlyOverdue(nowMs: number, maxMs: number): OverdueActivity[] {
    const overdueBeforeMs = nowMs - maxMs;
    const newly: RunningActivity<Reason>[] = [];
    for (const activity of this.#startedBefore(overdueBeforeMs)) {
      if (activity.startedAtMs >= this.#overdueBeforeMs) newly.push(activity);
    }
    this.#overdueBeforeMs = overdueBeforeMs;
    return newly
      .sort((a, b) => a.ordinal - b.ordinal)
      .map(({ reason, startedAtMs }) => ({ reason, heldMs: nowMs - startedAtMs }));
  }

  /** Resolves when nothing runs; rejects with `signal.reason` when aborted before. */
  whenIdle(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      if (this.#refcount === 0) {
        resolve();
        return;
      }
      const waiters = (this.#waiters ??= new Set());
      const onIdle = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        waiters.delete(onIdle);
        reject(signal?.reason as Error);
      };
      waiters.add(onIdle);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Forgets what runs and resolves all waiters. Afterwards every stop is silent and no start counts. */
  close(): void {
    this.#closed = true;
    this.#queues.clear();
    this.#lastEmptied = undefined;
    this.#refcount = 0;
    this.#resolveWaiters();
  }

  #take(reason: Reason, activity: RunningActivity<Reason> | undefined): void {
    if (this.#closed) return;
    const queue = activity?.leave();
    if (queue === undefined) {
      this.#listener.onUnmatchedStop(reason);
      return;
    }
    if (queue.length === 0) this.#retire(queue);
    if (--this.#refcount > 0) return;
    this.#resolveWaiters();
    this.#listener.onAllStopped();
  }

  /** Drops empty queues but the latest, so that a reason that comes and goes allocates nothing. */
  #retire(queue: ReasonQueue<Reason>): void {
    const earlier = this.#lastEmptied;
    if (earlier !== undefined && earlier !== queue && earlier.length === 0) this.#queues.delete(earlier.reason);
    this.#lastEmptied = queue;
  }

  #resolveWaiters(): void {
    const waiters = this.#waiters;
    this.#waiters = undefined;
    waiters?.forEach((resolve) => {
      resolve();
    });
  }

  *#startedBefore(timeMs: number): Iterable<RunningActivity<Reason>> {
    for (const { oldest } of this.#queues.values()) {
      for (let activity = oldest; activity && activity.startedAtMs < timeMs; activity = activity.newer) yield activity;
    }
  }
}

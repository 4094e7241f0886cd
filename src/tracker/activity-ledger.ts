import type { ActivityCounts } from './events.js';
import { IdleWaiters, type WhenIdleOptions } from './idle-waiters.js';
import { type Activity, type ActivityOwner, ReasonQueue, RunningActivity } from './running-activity.js';

/**
 * What is running: every activity, by reason and by age. Knows no time but the numbers it is given, which never
 * decrease.
 *
 * The refcount is the sum of the queues' lengths at any time. Every operation on an activity costs the same however
 * many run.
 *
 * A session extends it, and is told by two methods of its own, each time after the ledger's state is up to date. As an
 * object of its own the ledger would be one more to visit at every beat.
 */
export abstract class ActivityLedger<Reason extends string> implements ActivityOwner<Reason> {
  /** The queue asked for last is kept at hand even when empty, so that a reason which comes and goes allocates none. */
  #latest: ReasonQueue<Reason> | undefined = undefined;
  /** All queues, once there is more than one: those that are not empty, and the latest. */
  #all: Map<Reason, ReasonQueue<Reason>> | undefined = undefined;
  #counts: ActivityCounts<Reason> | undefined = undefined;
  #refcount = 0;
  #started = 0;
  #busySinceMs = Infinity;
  #waiters: IdleWaiters | undefined = undefined;
  #closed = false;

  /** How many activities run. */
  get refcount(): number {
    return this.#refcount;
  }

  isClosed(): boolean {
    return this.#closed;
  }

  /** How many activities run, by reason: a frozen object, the same one until that changes. */
  counts(): ActivityCounts<Reason> {
    // `fromEntries` defines its properties, so that a reason called `__proto__` counts like any other.
    this.#counts ??= Object.freeze(Object.fromEntries(this.#entries())) as ActivityCounts<Reason>;
    return this.#counts;
  }

  /** The age of the busy period in whole ms, or `null` when nothing runs. */
  busyMs(nowMs: number): number | null {
    return this.#refcount === 0 ? null : Math.floor(nowMs - this.#busySinceMs);
  }

  /** The age of the oldest running activity in whole ms, or `null` when nothing runs. */
  oldestMs(nowMs: number): number | null {
    let sinceMs = Infinity;
    for (const queue of this.#queues()) sinceMs = Math.min(sinceMs, queue.sinceMs);
    return sinceMs === Infinity ? null : Math.floor(nowMs - sinceMs);
  }

  /** Starts an activity. A closed ledger gives a handle that does nothing. */
  startAt(nowMs: number, reason: Reason): Activity<Reason> {
    const activity = new RunningActivity(this.#queueOf(reason), nowMs, this.#started++);
    if (this.#closed) return activity;
    activity.enter();
    this.#counts = undefined;
    if (this.#refcount++ === 0) this.#busySinceMs = nowMs;
    return activity;
  }

  /** Stops the oldest running activity of that reason. */
  stop(reason: Reason): void {
    const { oldest } = this.#queueOf(reason);
    if (oldest) this.release(oldest);
    else if (!this.#closed) this.onUnmatchedStop(reason);
  }

  /** Stops this running activity. */
  release(activity: RunningActivity<Reason>): void {
    if (this.#closed) return;
    const queue = activity.leave();
    this.#counts = undefined;
    if (queue.length === 0 && queue !== this.#latest) this.#all?.delete(queue.reason);
    if (--this.#refcount > 0) return;
    this.#waiters?.release();
    this.onAllStopped();
  }

  /** How many running activities are older than `maxMs`. */
  countOverdue(nowMs: number, maxMs: number): number {
    let count = 0;
    this.#eachOlder(nowMs, maxMs, () => count++);
    return count;
  }

  /** Those older than `maxMs` that have not become overdue yet, in the order in which they were started. */
  newlyOverdue(nowMs: number, maxMs: number): RunningActivity<Reason>[] {
    const newly: RunningActivity<Reason>[] = [];
    this.#eachOlder(nowMs, maxMs, (activity) => activity.isPunctual && newly.push(activity));
    return newly.sort((a, b) => a.ordinal - b.ordinal);
  }

  /** Resolves when nothing runs. */
  whenIdle(options: WhenIdleOptions): Promise<void> {
    this.#waiters ??= new IdleWaiters();
    return this.#waiters.wait(options, () => this.#refcount === 0);
  }

  /** Forgets what runs and resolves all waiters. Afterwards every stop is silent and no start counts. */
  close(): void {
    this.#closed = true;
    this.#latest = undefined;
    this.#all = undefined;
    this.#counts = undefined;
    this.#refcount = 0;
    this.#waiters?.release();
  }

  /** The last running activity stopped. */
  protected abstract onAllStopped(): void;

  /** A stop found no running activity of its reason. Nothing was changed. */
  protected abstract onUnmatchedStop(reason: string): void;

  #queueOf(reason: Reason): ReasonQueue<Reason> {
    return this.#latest?.reason === reason ? this.#latest : this.#fetch(reason);
  }

  /** Has that reason's queue at hand in place of the latest. */
  #fetch(reason: Reason): ReasonQueue<Reason> {
    if (this.#latest?.length === 0) this.#all?.delete(this.#latest.reason);
    else if (this.#latest) this.#all ??= new Map([[this.#latest.reason, this.#latest]]);
    this.#latest = this.#all?.get(reason) ?? new ReasonQueue(this, reason);
    this.#all?.set(reason, this.#latest);
    return this.#latest;
  }

  /** The queues that are not empty, and the latest. */
  #queues(): Iterable<ReasonQueue<Reason>> {
    return this.#all?.values() ?? (this.#latest ? [this.#latest] : []);
  }

  *#entries(): Iterable<[string, number]> {
    for (const { reason, length } of this.#queues()) if (length > 0) yield [reason, length];
  }

  #eachOlder(nowMs: number, maxMs: number, visit: (activity: RunningActivity<Reason>) => unknown): void {
    for (let { oldest: next } of this.#queues()) {
      for (; next && nowMs - next.startedAtMs > maxMs; next = next.newer) visit(next);
    }
  }
}

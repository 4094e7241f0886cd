import type { ActivityCounts } from '../ports/keepalive.js';
import { ActivityList, type ActivityLimits, type ActivityOwner, RunningActivity } from './activity.js';

/** Up to this many reasons keep an empty list, which saves making a new one. */
const MAX_KEPT_LISTS = 32;

/** The lists of all sessions that have started nothing yet: a `Map` of its own takes a fifth of a tracker's memory. */
const NO_LISTS = new Map<never, never>();

/**
 * What is running, by reason and by age. Knows no time but the numbers it is given, which never decrease.
 *
 * The refcount is always the sum of the lists' lengths. Starting and stopping cost the same however many run.
 */
export class Activities<Reason extends string> {
  readonly #owner: ActivityOwner<Reason>;
  readonly #limits: ActivityLimits;
  #lists: Map<Reason, ActivityList<Reason>> = NO_LISTS;
  #counts: ActivityCounts<Reason> | undefined = undefined;
  #refcount = 0;
  #started = 0;
  /** Since when the session has been busy, or idle. */
  #sinceMs = 0;

  constructor(owner: ActivityOwner<Reason>, limits: ActivityLimits) {
    this.#owner = owner;
    this.#limits = limits;
  }

  /** How many activities are running. */
  get refcount(): number {
    return this.#refcount;
  }

  /** How many activities are running, by reason: a frozen object, the same one until that changes. */
  counts(): ActivityCounts<Reason> {
    if (this.#counts === undefined) {
      const running = [...this.#lists.values()].filter(({ length }) => length > 0);
      // `fromEntries` defines its properties, so that a reason called `__proto__` counts like any other.
      const counts = Object.fromEntries(running.map(({ reason, length }) => [reason, length]));
      this.#counts = Object.freeze(counts) as ActivityCounts<Reason>;
    }
    return this.#counts;
  }

  /** The age of the busy period in whole ms, or `null` when nothing runs. */
  busyMs(nowMs: number): number | null {
    return this.#refcount === 0 ? null : Math.floor(nowMs - this.#sinceMs);
  }

  /** The age of the idle period in whole ms, or `null` while something runs. */
  idleMs(nowMs: number): number | null {
    return this.#refcount === 0 ? Math.floor(nowMs - this.#sinceMs) : null;
  }

  /** The age of the oldest running activity in whole ms, or `null` when nothing runs. */
  oldestMs(nowMs: number): number | null {
    let oldestMs: number | null = null;
    for (const { oldest } of this.#lists.values()) {
      if (oldest) oldestMs = Math.max(oldestMs ?? 0, Math.floor(oldest.heldMs(nowMs)));
    }
    return oldestMs;
  }

  /** The oldest running activity of that reason. */
  oldestOf(reason: Reason): RunningActivity<Reason> | undefined {
    return this.#lists.get(reason)?.oldest;
  }

  add(reason: Reason, nowMs: number): RunningActivity<Reason> {
    if (this.#lists === NO_LISTS) this.#lists = new Map();
    let list = this.#lists.get(reason);
    if (list === undefined) this.#lists.set(reason, (list = new ActivityList(this.#owner, reason)));
    const activity = new RunningActivity(list, nowMs, this.#started++);
    activity.enter();
    this.#counts = undefined;
    if (this.#refcount++ === 0) this.#sinceMs = nowMs;
    return activity;
  }

  remove(activity: RunningActivity<Reason>, state: 'stopped' | 'taken'): void {
    const { reason, length } = activity.leave(state);
    this.#counts = undefined;
    this.#refcount--;
    if (length === 0 && this.#lists.size > MAX_KEPT_LISTS) this.#lists.delete(reason);
  }

  /** An idle period begins: nothing has run yet, or the last activity was removed. */
  beginIdle(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  /** A handle of an activity that never ran. */
  stopped(reason: Reason): RunningActivity<Reason> {
    return new RunningActivity(new ActivityList(this.#owner, reason), 0, 0);
  }

  /** Forgets what runs. */
  clear(): void {
    this.#lists = NO_LISTS;
    this.#counts = undefined;
    this.#refcount = 0;
  }

  /** The running activities that are overdue, in the order in which they were started. */
  overdue(nowMs: number): RunningActivity<Reason>[] {
    const overdue: RunningActivity<Reason>[] = [];
    for (let { oldest: next } of this.#lists.values()) {
      for (; next; next = next.newer) if (next.isOverdue(nowMs, this.#limits)) overdue.push(next);
    }
    return overdue.sort((a, b) => a.ordinal - b.ordinal);
  }
}

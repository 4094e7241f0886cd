/// <reference lib="esnext.disposable" preserve="true" />
import { isThenable } from './thenable.js';

/** A running activity, as held by whoever started it. */
export interface Activity<Reason extends string = string> extends Disposable {
  /** What it was started for. */
  readonly reason: Reason;

  /**
   * Stops the activity. A second call does nothing. When `tracker.stop(reason)` already took this activity, the first
   * call stops the oldest other one of its reason, so that every start is matched by one stop.
   */
  stop(): void;
}

/** Whose activities these are. */
export interface ActivityOwner<Reason extends string> {
  /** Stops the oldest running activity of that reason. */
  stop(reason: Reason): void;
  /** Stops this running activity. */
  release(activity: RunningActivity<Reason>): void;
}

/** The running activities of one reason, from the oldest to the newest. */
export class ReasonQueue<Reason extends string> {
  readonly owner: ActivityOwner<Reason>;
  readonly reason: Reason;
  length = 0;
  oldest: RunningActivity<Reason> | undefined = undefined;
  newest: RunningActivity<Reason> | undefined = undefined;

  constructor(owner: ActivityOwner<Reason>, reason: Reason) {
    this.owner = owner;
    this.reason = reason;
  }

  /** When its oldest activity was started; `Infinity` when it is empty. */
  get sinceMs(): number {
    return this.oldest?.startedAtMs ?? Infinity;
  }
}

/** The handle of an activity, which is also its entry in the queue of its reason while it runs. */
export class RunningActivity<Reason extends string> implements Activity<Reason> {
  readonly #queue: ReasonQueue<Reason>;
  readonly #startedAtMs: number;
  readonly #ordinal: number;
  #older: RunningActivity<Reason> | undefined = undefined;
  #newer: RunningActivity<Reason> | undefined = undefined;
  /** Taken: it does not run, but its own `stop` has not been called yet. */
  #state: 'running' | 'overdue' | 'taken' | 'stopped' = 'taken';

  constructor(queue: ReasonQueue<Reason>, startedAtMs: number, ordinal: number) {
    this.#queue = queue;
    this.#startedAtMs = startedAtMs;
    this.#ordinal = ordinal;
  }

  get reason(): Reason {
    return this.#queue.reason;
  }

  get startedAtMs(): number {
    return this.#startedAtMs;
  }

  /** Its place among all activities of its tracker, in the order in which they were started. */
  get ordinal(): number {
    return this.#ordinal;
  }

  /** The next younger running activity of the same reason. */
  get newer(): RunningActivity<Reason> | undefined {
    return this.#newer;
  }

  stop(): void {
    const state = this.#state;
    if (state === 'stopped') return;
    this.#state = 'stopped';
    if (state === 'taken') this.#queue.owner.stop(this.reason);
    else this.#queue.owner.release(this);
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  /** Whether it runs and has not become overdue yet. */
  get isPunctual(): boolean {
    return this.#state === 'running';
  }

  becomeOverdue(): void {
    this.#state = 'overdue';
  }

  /** Becomes the newest of its queue. */
  enter(): void {
    const queue = this.#queue;
    this.#state = 'running';
    this.#older = queue.newest;
    if (queue.newest) queue.newest.#newer = this;
    else queue.oldest = this;
    queue.newest = this;
    queue.length++;
  }

  /** Leaves its queue, and returns it. */
  leave(): ReasonQueue<Reason> {
    const queue = this.#queue;
    if (this.#state !== 'stopped') this.#state = 'taken';
    if (this.#older) this.#older.#newer = this.#newer;
    else queue.oldest = this.#newer;
    if (this.#newer) this.#newer.#older = this.#older;
    else queue.newest = this.#older;
    this.#older = this.#newer = undefined;
    queue.length--;
    return queue;
  }
}

/**
 * Runs `work` and stops `activity` when it returns, throws or its promise settles.
 *
 * A thenable's outcome is passed on by a promise of our own: to listen on the original and return it would hide a
 * rejection that the caller ignores.
 */
export function runAs(activity: Activity, work: () => unknown): unknown {
  let result: unknown;
  try {
    result = work();
    if (isThenable(result)) return stopOnceSettled(activity, result);
  } catch (error) {
    activity.stop();
    throw error;
  }
  activity.stop();
  return result;
}

function stopOnceSettled(activity: Activity, result: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(result).then(
    (value) => {
      activity.stop();
      return value;
    },
    (error: unknown) => {
      activity.stop();
      throw error;
    },
  );
}

/// <reference lib="esnext.disposable" preserve="true" />
import type { ResolvedOptions } from './options.js';

/** A running activity, as held by whoever started it. */
export interface Activity<Reason extends string = string> extends Disposable {
  /** What it was started for. */
  readonly reason: Reason;

  /**
   * Stops the activity. A second call does nothing. If `tracker.stop(reason)` already took this activity, the first
   * call stops the oldest other one of its reason, so that each start is matched by one stop.
   */
  stop(): void;

  /**
   * Records that the work made progress. From the first call on, `maxSilenceMs` bounds how long the activity may go
   * without another. Does nothing once the activity is stopped or taken.
   */
  touch(): void;
}

/** After how long an activity is overdue. */
export type ActivityLimits = Pick<ResolvedOptions, 'maxActivityMs' | 'maxSilenceMs'>;

/** The session that an activity belongs to. */
export interface ActivityOwner<Reason extends string> {
  /** Stops the oldest running activity of that reason. */
  stop(reason: Reason): void;
  /** Stops this running activity, which is then `'stopped'` or, if not by its own handle, `'taken'`. */
  stopActivity(activity: RunningActivity<Reason>, state: 'stopped' | 'taken'): void;
  /** Records progress of this activity, if it is running. */
  touchActivity(activity: RunningActivity<Reason>): void;
}

/** The running activities of one reason, from the oldest to the newest. */
export class ActivityList<Reason extends string> {
  readonly owner: ActivityOwner<Reason>;
  readonly reason: Reason;
  length = 0;
  oldest: RunningActivity<Reason> | undefined = undefined;
  newest: RunningActivity<Reason> | undefined = undefined;

  constructor(owner: ActivityOwner<Reason>, reason: Reason) {
    this.owner = owner;
    this.reason = reason;
  }
}

/** The handle of an activity, which is also its entry in the list of its reason while it runs. */
export class RunningActivity<Reason extends string> implements Activity<Reason> {
  readonly #list: ActivityList<Reason>;
  readonly #startedAtMs: number;
  readonly #ordinal: number;
  #older: RunningActivity<Reason> | undefined = undefined;
  #newer: RunningActivity<Reason> | undefined = undefined;
  /**
   * Overdue: it runs, and it was noted that it is overdue. Taken: stopped by `tracker.stop(reason)` or in place of
   * another activity, and its own `stop` has not been called yet.
   */
  #state: 'running' | 'overdue' | 'taken' | 'stopped' = 'stopped';
  /** When it last made progress, if it ever said so. */
  #touchedAtMs: number | undefined = undefined;

  /** @param ordinal - its place among all activities of its tracker, in the order in which they were started. */
  constructor(list: ActivityList<Reason>, startedAtMs: number, ordinal: number) {
    this.#list = list;
    this.#startedAtMs = startedAtMs;
    this.#ordinal = ordinal;
  }

  get reason(): Reason {
    return this.#list.reason;
  }

  get ordinal(): number {
    return this.#ordinal;
  }

  /** The next newer running activity of the same reason. */
  get newer(): RunningActivity<Reason> | undefined {
    return this.#newer;
  }

  get isRunning(): boolean {
    return this.#state === 'running' || this.#state === 'overdue';
  }

  stop(): void {
    const { owner } = this.#list;
    if (this.isRunning) {
      owner.stopActivity(this, 'stopped');
    } else if (this.#state === 'taken') {
      this.#state = 'stopped';
      owner.stop(this.reason);
    }
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  touch(): void {
    this.#list.owner.touchActivity(this);
  }

  /** Becomes the newest of its list. */
  enter(): void {
    const list = this.#list;
    this.#state = 'running';
    this.#older = list.newest;
    if (list.newest) list.newest.#newer = this;
    else list.oldest = this;
    list.newest = this;
    list.length++;
  }

  /** Leaves its list. */
  leave(state: 'stopped' | 'taken'): ActivityList<Reason> {
    const list = this.#list;
    this.#state = state;
    if (this.#older) this.#older.#newer = this.#newer;
    else list.oldest = this.#newer;
    if (this.#newer) this.#newer.#older = this.#older;
    else list.newest = this.#older;
    this.#older = this.#newer = undefined;
    list.length--;
    return list;
  }

  /** How long it has run, in ms. */
  heldMs(nowMs: number): number {
    return nowMs - this.#startedAtMs;
  }

  /** The time since its last progress in ms, 0 if it never showed any. */
  silentMs(nowMs: number): number {
    return nowMs - (this.#touchedAtMs ?? nowMs);
  }

  isOverdue(nowMs: number, { maxActivityMs, maxSilenceMs }: ActivityLimits): boolean {
    return this.heldMs(nowMs) > maxActivityMs || this.silentMs(nowMs) > maxSilenceMs;
  }

  /** Records progress of a running activity. If it was overdue by its silence alone, it may become so once more. */
  noteProgress(nowMs: number, { maxActivityMs }: ActivityLimits): void {
    this.#touchedAtMs = nowMs;
    if (this.heldMs(nowMs) <= maxActivityMs) this.#state = 'running';
  }

  /** @returns whether it runs and is overdue, and has not been noted as such before. */
  noteOverdue(nowMs: number, limits: ActivityLimits): boolean {
    if (this.#state !== 'running' || !this.isOverdue(nowMs, limits)) return false;
    this.#state = 'overdue';
    return true;
  }
}

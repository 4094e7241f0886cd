import type { Reason } from './subject.js';

/** An activity and its handle. */
export interface ModelActivity {
  readonly reason: Reason;
  readonly since: number;
  /** The abort signal that it was started with. */
  readonly signal: number | undefined;
  /** When it was touched last, if it was. */
  touchedAt: number | undefined;
  /** Whether it was logged as overdue. */
  isReported: boolean;
  /** Whether its handle was stopped. `stop(reason)` may have taken the activity before that. */
  isStopped: boolean;
}

export interface Limits {
  readonly maxActivityMs: number;
  readonly maxSilenceMs: number;
}

/** What is running, from the oldest to the newest. */
export class CountingModel {
  running: readonly ModelActivity[] = [];

  constructor(private readonly limits: Limits) {}

  get isBusy(): boolean {
    return this.running.length > 0;
  }

  add(activity: ModelActivity): void {
    this.running = [...this.running, activity];
  }

  remove(activity: ModelActivity): void {
    this.running = this.running.filter((other) => other !== activity);
  }

  isRunning(activity: ModelActivity): boolean {
    return this.running.includes(activity);
  }

  oldestOf(reason: Reason): ModelActivity | undefined {
    return this.running.find((activity) => activity.reason === reason);
  }

  counts(): { readonly refcount: number; readonly active: Record<string, number> } {
    const active: Record<string, number> = {};
    for (const { reason } of this.running) active[reason] = (active[reason] ?? 0) + 1;
    return { refcount: this.running.length, active };
  }

  /** An activity that was overdue only by its silence may be logged once more after a touch. */
  touch(activity: ModelActivity, now: number): void {
    if (!this.isRunning(activity)) return;
    activity.touchedAt = now;
    if (!this.isTooOld(activity, now)) activity.isReported = false;
  }

  isOverdue(activity: ModelActivity, now: number): boolean {
    return this.isTooOld(activity, now) || this.isTooSilent(activity, now);
  }

  isTooOld({ since }: ModelActivity, now: number): boolean {
    return now - since > this.limits.maxActivityMs;
  }

  /** Only an activity that was ever touched can be too silent. */
  isTooSilent({ touchedAt }: ModelActivity, now: number): boolean {
    return touchedAt !== undefined && now - touchedAt > this.limits.maxSilenceMs;
  }
}

import { onAbort } from '../on-abort.js';
import type { Activity } from './activity.js';
import { ignoreErrors } from './ignore-errors.js';

/** Stops activities when their signals are aborted. */
export class AbortListeners {
  readonly #removers = new Map<Activity, () => void>();

  /** Stops `activity` when `signal` is aborted. */
  add(signal: AbortSignal, activity: Activity): void {
    const remove = ignoreErrors(() => onAbort(signal, () => activity.stop()));
    if (remove) this.#removers.set(activity, remove);
  }

  /** Aborting no longer stops `activity`. */
  remove(activity: Activity): void {
    const remove = this.#removers.get(activity);
    if (!remove) return;
    this.#removers.delete(activity);
    ignoreErrors(remove);
  }

  /** Aborting no longer stops anything. */
  clear(): void {
    for (const activity of [...this.#removers.keys()]) this.remove(activity);
  }
}

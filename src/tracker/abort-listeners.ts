import type { Activity } from './activity.js';
import { ignoreErrors } from './ignore-errors.js';

/** Stops activities when their signals are aborted. One listener per signal, however many activities share it. */
export class AbortListeners {
  readonly #bySignal = new Map<AbortSignal, { readonly activities: Set<Activity>; readonly onAbort: () => void }>();
  readonly #signals = new WeakMap<Activity, AbortSignal>();

  /** Stops `activity` when `signal` is aborted. */
  add(signal: AbortSignal, activity: Activity): void {
    this.#signals.set(activity, signal);
    const listener = this.#bySignal.get(signal);
    if (listener) {
      listener.activities.add(activity);
      return;
    }
    const activities = new Set([activity]);
    const onAbort = (): void => {
      for (const each of activities) each.stop();
    };
    this.#bySignal.set(signal, { activities, onAbort });
    ignoreErrors(() => signal.addEventListener('abort', onAbort));
  }

  /** Aborting no longer stops `activity`. The listener goes with the last activity of its signal. */
  remove(activity: Activity): void {
    const signal = this.#signals.get(activity);
    if (signal === undefined) return;
    const listener = this.#bySignal.get(signal);
    if (!listener?.activities.delete(activity) || listener.activities.size > 0) return;
    this.#bySignal.delete(signal);
    ignoreErrors(() => signal.removeEventListener('abort', listener.onAbort));
  }

  /** Removes every listener. */
  clear(): void {
    const listeners = [...this.#bySignal];
    this.#bySignal.clear();
    for (const [signal, { onAbort }] of listeners) {
      ignoreErrors(() => signal.removeEventListener('abort', onAbort));
    }
  }
}

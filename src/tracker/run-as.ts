import type { Activity } from './activity.js';
import { isThenable } from './ignore-errors.js';

declare const USE_TRACK: unique symbol;

/** What `run` gives for work that returns a stream: nothing can be done with it. Use `track` instead. */
export interface UseTrackInstead {
  /** Never there. It sets this type apart from all others. */
  readonly [USE_TRACK]: never;
}

/**
 * Runs `work` and stops `activity` when it returns, throws or its promise settles.
 *
 * A thenable's outcome is passed on by a promise of our own: if we listened to the original and returned that, a
 * rejection that the caller ignores would not be reported.
 */
export function runAs<Reason extends string>(
  activity: Activity<Reason>,
  work: (activity: Activity<Reason>) => unknown,
): unknown {
  let result: unknown;
  try {
    result = work(activity);
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

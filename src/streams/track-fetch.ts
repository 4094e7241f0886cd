import { streamsOf, type SessionActivityTracker } from '../tracker/session-activity-tracker.js';
import { assertFunction, assertMethods, assertNonEmptyString } from '../validate.js';
import { StreamActivity } from './stream-activity.js';

/** A function that is called and answers as `fetch` does. */
export type FetchLike = (...args: never[]) => Promise<Response>;

/** Fields that a constructed `Response` would report differently, or whose values it may refuse. */
const FIELDS = ['url', 'redirected', 'type', 'status', 'statusText', 'ok'] as const;

/**
 * Makes each call of a `fetch` an activity, to hand to an SDK. The activity runs without a gap from the call until the
 * body has ended, failed, been cancelled or been garbage-collected; it ends at once when the call fails or the answer
 * has no body. The headers and each chunk of the body touch it.
 *
 * @typeParam Reason - the reasons of the tracker.
 * @typeParam F - the type of `fetch`, which the result has too.
 * @param tracker - counts the activities.
 * @param reason - what the calls are for.
 * @param fetch - the function to call; the global one by default.
 * @returns a function like `fetch`. Its `Response` behaves as the original does, and so do its clones; the body takes
 * default readers only.
 * @throws TypeError when `tracker` is not a tracker, `reason` not a non-empty string or `fetch` not a function.
 *
 * @example
 * ```ts
 * const client = new Anthropic({ fetch: trackFetch(tracker, 'api_call') });
 * ```
 */
export function trackFetch<Reason extends string, F extends FetchLike = typeof globalThis.fetch>(
  tracker: SessionActivityTracker<Reason>,
  reason: NoInfer<Reason>,
  fetch: F = globalThis.fetch as FetchLike as F,
): F {
  assertMethods('tracker', tracker, 'start', 'track');
  assertNonEmptyString('reason', reason);
  assertFunction('fetch', fetch);
  const trackedFetch = async (...args: never[]): Promise<Response> => {
    const activity = tracker.start(reason);
    try {
      const response = await fetch(...args);
      const { body } = response;
      if (!body || isNothingToRead(response, body)) {
        activity.stop();
        return response;
      }
      const streamActivity = new StreamActivity(() => activity);
      streamActivity.begin();
      const tracked = streamsOf(tracker).trackReadable(body, streamActivity);
      return likeOriginal(response, new Response(tracked, acceptableInit(response)));
    } catch (error) {
      activity.stop();
      throw error;
    }
  };
  return trackedFetch as F;
}

/** Whether a body is empty, or locked by somebody else. A locked one fails its next reader, as it would untracked. */
function isNothingToRead({ headers }: Response, { locked }: ReadableStream): boolean {
  return locked || headers.get('content-length') === '0';
}

/**
 * What `new Response` accepts of the original. The status goes in, because frameworks read it behind the fields; it
 * refuses a status such as 999, and a status text that is not ASCII.
 */
function acceptableInit({ status, headers }: Response): ResponseInit {
  return status >= 200 && status <= 599 ? { status, headers } : { headers };
}

/** Gives `response`, and every clone of it, the fields of `original` that only a real `fetch` can set. */
function likeOriginal(original: Response, response: Response): Response {
  const clone = response.clone.bind(response);
  const define = (name: string, value: unknown): void => {
    Object.defineProperty(response, name, { value, configurable: true });
  };
  for (const field of FIELDS) define(field, original[field]);
  define('clone', () => likeOriginal(original, clone()));
  return response;
}

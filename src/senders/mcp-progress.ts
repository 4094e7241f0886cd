import type { KeepaliveSend } from '../ports/keepalive.js';
import { assertFunction, assertKnownNames, assertMethods, invalid } from '../validate.js';
import { codedError } from './coded-error.js';
import { untilAborted } from './until-aborted.js';

/** A progress notification of the Model Context Protocol. */
export interface McpProgressNotification {
  /** Names the kind of notification. */
  method: 'notifications/progress';
  /** What the client is told. */
  params: {
    /** The request's own token, by which the client knows which call the progress is of. */
    progressToken: string | number;
    /** Greater than in the notification before. */
    progress: number;
    /** Where the progress ends, in the same unit. Left out when it is not known, or is less than the progress. */
    total?: number;
    /** Text for the user. Left out when there is none. */
    message?: string;
  };
}

/** What {@link mcpProgress} needs of the `extra` that the SDK gives to a tool's handler. */
export interface McpRequestExtra {
  /** The request's metadata. */
  readonly _meta?:
    | {
        /** Sent by a client that asked for progress. Without it nothing can be sent. */
        readonly progressToken?: string | number | undefined;
      }
    | undefined;

  /** Sends a notification that belongs to the request. */
  sendNotification(notification: McpProgressNotification): PromiseLike<unknown>;
}

/** How far a tool call is. */
export interface McpProgress {
  /** How much is done, in a unit of the tool's own. Finite, and never less than before. */
  readonly progress: number;
  /** How much there is to do, in the same unit, if that is known. A keep-alive beyond it leaves it out. */
  readonly total?: number | undefined;
  /** Shown to the user, in place of the option `message`. */
  readonly message?: string | undefined;
}

/** The options of {@link mcpProgress}. */
export interface McpProgressOptions {
  /**
   * Shown to the user with each keep-alive, unless `latest` gives a message.
   *
   * @default none
   */
  readonly message?: string;

  /**
   * For a tool that sends progress of its own: what it sent last. A keep-alive repeats it with a progress that lies
   * above it and below the tool's next, so that the progress of both together increases with each notification.
   * `undefined`: it has sent none yet, which counts as 0.
   *
   * @default none: the keep-alives are counted, 1, 2, 3
   */
  readonly latest?: () => McpProgress | undefined;

  /**
   * The least by which the progress of `latest` grows, above 0. For a progress from 0 to 1 in percents: 0.01.
   *
   * @default 1
   */
  readonly step?: number;
}

/**
 * Makes a keep-alive sender for one long tool call of the Model Context Protocol: it sends `notifications/progress` for
 * the request. A client that was told to (`resetTimeoutOnProgress` in the SDK) then does not time out.
 *
 * - A request without `progressToken`, of a client that did not ask for progress, cannot be notified: nothing is sent
 *   and nothing fails, so the tracker counts it as sent.
 * - Progress increases with each notification, as the protocol demands. A send fails with a `RangeError`, and sends
 *   nothing, when `latest` goes back or gives no finite number.
 * - Beside the progress of a tool, each keep-alive lies above what was sent last and below the tool's next step: at
 *   half of the step first, then at two thirds, three quarters. Where that is more than the `total`, the total is left
 *   out.
 * - When a tool stands still for so long that no number is left in between, the sends fail with the code
 *   `NO_PROGRESS_LEFT` until it goes on. With a step of 1 and a keep-alive every 30 seconds that takes more than a year
 *   at a progress of 100, a day at 10^9 and an hour at 10^12: give the true `step`, or count in a larger unit.
 * - The send succeeds when the transport has taken the notification, and fails with what the transport fails with. An
 *   abort ends the wait.
 *
 * The protocol allows no progress after the answer: give each call a tracker of its own and dispose it before
 * answering.
 *
 * @param extra - what the SDK gave to the tool's handler along with the arguments.
 * @param options - see {@link McpProgressOptions}.
 * @throws TypeError for an `extra` without `sendNotification`, an unknown option or an option of the wrong type.
 * @throws RangeError for a `step` that is not finite and above 0.
 *
 * @example
 * ```ts
 * server.registerTool('index', { inputSchema }, async (files, extra) => {
 *   using tracker = new SessionActivityTracker(clock, diagnostics, gate, cleanup);
 *   tracker.registerCallback(mcpProgress(extra));
 *   return await tracker.run('tool_exec', () => index(files));
 * });
 * ```
 */
export function mcpProgress(extra: McpRequestExtra, options: McpProgressOptions = {}): KeepaliveSend {
  assertMethods('extra', extra, 'sendNotification');
  assertKnownNames('options', options, ['message', 'latest', 'step']);
  const { message, latest, step = 1 } = options;
  assertOptions(message, latest, step);
  const progressToken = extra._meta?.progressToken;
  const rise = rising(step);
  let sends = 0;

  return async ({ signal }) => {
    if (progressToken === undefined) return;
    signal.throwIfAborted();
    const current = latest && (latest() ?? { progress: 0 });
    const progress = current ? rise(current.progress) : ++sends;
    if (progress === undefined) {
      throw codedError('NO_PROGRESS_LEFT', 'No number is left between the progress sent last and the next step');
    }
    const total = current?.total;
    const params = {
      progressToken,
      progress,
      ...given('total', total !== undefined && total >= progress ? total : undefined),
      ...given('message', current?.message ?? message),
    };
    await untilAborted(signal, extra.sendNotification({ method: 'notifications/progress', params }));
  };
}

/**
 * Gives for each progress of the tool a number from it to its next step, above all that were given before, or
 * `undefined` where no number is left.
 */
function rising(step: number): (progress: number) => number | undefined {
  let current = -Infinity;
  let last = -Infinity;
  let calls = 0;
  return (progress) => {
    if (!Number.isFinite(progress) || progress < current) {
      throw invalid(RangeError, 'latest().progress', 'a finite number that never goes back', progress);
    }
    calls = progress === current ? calls + 1 : 1;
    current = progress;
    const floor = Math.max(last, progress);
    const ceiling = progress + step;
    // A part of the rest that lasts for long, or half of it once that part is too small to change the number.
    const next = [calls + 1, 2].map((parts) => floor + (ceiling - floor) / parts);
    const risen = [...next, progress].find((each) => each > last && each >= progress && each < ceiling);
    last = risen ?? last;
    return risen;
  };
}

function assertOptions(message: unknown, latest: unknown, step: unknown): void {
  if (message !== undefined && typeof message !== 'string') throw invalid(TypeError, 'message', 'a string', message);
  if (latest !== undefined) assertFunction('latest', latest);
  const expected = 'a finite number above 0';
  if (typeof step !== 'number') throw invalid(TypeError, 'step', expected, step);
  if (!(step > 0 && step < Infinity)) throw invalid(RangeError, 'step', expected, step);
}

/** The member, or none at all where there is no value. */
function given<Name extends string, T>(name: Name, value: T | undefined): Partial<Record<Name, T>> {
  return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, T>>;
}

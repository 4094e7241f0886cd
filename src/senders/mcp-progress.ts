import { type KeepaliveSend, NOT_SENT } from '../ports/keepalive.js';
import { assertFunction, assertKnownNames, assertMethods, invalid } from '../validate.js';
import { codedError } from './coded-error.js';

/** A progress notification of the Model Context Protocol. */
export interface McpProgressNotification {
  /** Names the kind of notification. */
  method: 'notifications/progress';
  /** The notification's content. */
  params: {
    /** The request's token, which tells the client which call this is about. */
    progressToken: string | number;
    /** Greater than in the notification before. */
    progress: number;
    /** How much there is to do, in the same unit. Left out when it is not known or less than the progress. */
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
        /** Sent by a client that asks for progress. Without it nothing can be sent. */
        readonly progressToken?: string | number | undefined;
      }
    | undefined;

  /** Sends a notification that belongs to the request. */
  sendNotification(notification: McpProgressNotification): PromiseLike<unknown>;
}

/** How far a tool call has come. */
export interface McpProgress {
  /** How much is done, in the tool's own unit. Finite, and never less than before. */
  readonly progress: number;
  /** How much there is to do, in the same unit, if that is known. A keep-alive beyond it leaves it out. */
  readonly total?: number | undefined;
  /** Shown to the user instead of the option `message`. */
  readonly message?: string | undefined;
}

/** The options of {@link mcpProgress}. */
export interface McpProgressOptions {
  /**
   * Shown to the user with each keep-alive, unless `latest` gives a message.
   *
   * @default none
   */
  readonly message?: string | undefined;

  /**
   * For a tool that sends progress itself: what it sent last. A keep-alive repeats it with a slightly larger progress
   * that stays below the tool's next one, so that progress increases with every notification. `undefined`: the tool has
   * sent none yet, which counts as 0.
   *
   * @default none: the keep-alives are counted, 1, 2, 3
   */
  readonly latest?: () => McpProgress | undefined;

  /**
   * The smallest step by which the progress of `latest` grows, above 0. For progress from 0 to 1 in steps of 1 %: 0.01.
   *
   * @default 1
   */
  readonly step?: number | undefined;
}

/**
 * Makes a keep-alive sender for one long tool call of the Model Context Protocol: it sends `notifications/progress` for
 * the request, so that a client that resets its timeout on progress (`resetTimeoutOnProgress` in the SDK) does not time
 * out.
 *
 * - A request without a `progressToken` gives `NOT_SENT`: its client asked for no progress.
 * - While an earlier notification is still pending in the transport, because the client does not read, nothing is added
 *   and the send fails with the code `BACKPRESSURE`.
 * - Progress increases with each notification, as the protocol demands. Beside the progress of a tool, the nth
 *   keep-alive in a row is `latest().progress + step * n / (n + 1)`. Where that is more than the `total`, the total is
 *   left out. When a tool makes no progress for so long that no larger number is left below its next step, sends fail
 *   with the code `NO_PROGRESS_LEFT` until it advances. With a step of 1 and a keep-alive every 30 seconds that takes a
 *   day at a progress of 10^9, and years at 1,000.
 * - A send fails with a `RangeError`, and sends nothing, when `latest` goes back or gives no finite number.
 * - The send succeeds when the transport has taken the notification, and fails with what the transport fails with.
 *
 * The sender cannot tell whether the notification reaches the client. A server in JSON-response mode drops all
 * notifications, and a client gets a token only if its call has an `onprogress` callback.
 *
 * The protocol allows no progress after the answer: give each call its own tracker and dispose it before answering.
 *
 * @param extra - what the SDK passes to the tool's handler after the arguments.
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
  const nextProgress = progressBetweenSteps(step);
  let sends = 0;
  let isPending = false;

  return () => {
    if (progressToken === undefined) return NOT_SENT;
    if (isPending) throw codedError('BACKPRESSURE', 'An earlier notification is still pending in the transport');
    const current = latest && (latest() ?? { progress: 0 });
    const progress = current ? nextProgress(current.progress) : ++sends;
    const total = current?.total;
    const params = {
      progressToken,
      progress,
      ...optional('total', total !== undefined && total >= progress ? total : undefined),
      ...optional('message', current?.message ?? message),
    };
    const sending = Promise.resolve(extra.sendNotification({ method: 'notifications/progress', params }));
    isPending = true;
    return sending.finally(() => {
      isPending = false;
    });
  };
}

/** Gives, for each progress of the tool, a number between it and its next step, larger than all those before. */
function progressBetweenSteps(step: number): (progress: number) => number {
  let current = -Infinity;
  let last = -Infinity;
  let n = 0;
  return (progress) => {
    if (!Number.isFinite(progress) || progress < current) {
      throw invalid(RangeError, 'latest().progress', 'a finite number that never goes back', progress);
    }
    current = progress;
    // Begins again at half a step, unless the tool advanced by so little that progress would decrease.
    n = progress + step / 2 > last ? 1 : n + 1;
    const next = progress + (step * n) / (n + 1);
    if (next <= last || next <= progress || next >= progress + step) {
      throw codedError('NO_PROGRESS_LEFT', 'No number is left between the progress sent last and the next step');
    }
    last = next;
    return next;
  };
}

function assertOptions(message: unknown, latest: unknown, step: unknown): void {
  if (message !== undefined && typeof message !== 'string') throw invalid(TypeError, 'message', 'a string', message);
  if (latest !== undefined) assertFunction('latest', latest);
  const expected = 'a finite number above 0';
  if (typeof step !== 'number') throw invalid(TypeError, 'step', expected, step);
  if (!(step > 0 && step < Infinity)) throw invalid(RangeError, 'step', expected, step);
}

/** An object with that member, or an empty one if it has no value. */
function optional<Name extends string, T>(name: Name, value: T | undefined): Partial<Record<Name, T>> {
  return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, T>>;
}

import type { KeepaliveSend } from '../ports/keepalive.js';
import { assertKnownNames, assertMethods, assertObject, invalid } from '../validate.js';
import { codedError } from './coded-error.js';
import { untilAborted } from './until-aborted.js';

/** What {@link sseComment} needs of a Node response: `http.ServerResponse`, that of `http2`, or another `Writable`. */
export interface NodeResponseLike {
  /** Writes text. `false`: wait for `'drain'` before writing more. */
  write(chunk: string): boolean;
  /** Adds a listener that is called at most once. */
  once(event: 'drain' | 'close' | 'error', listener: (error: Error) => void): unknown;
  /** Takes back a listener that `once` has added. */
  off(event: 'drain' | 'close' | 'error', listener: (error: Error) => void): unknown;
  /** `true` once the host has called `end`: nothing is written any more. */
  readonly writableEnded: boolean;
  /** `true` once it was destroyed: nothing is written any more. Without it, that of `stream` is read. */
  readonly destroyed?: boolean;
  /** `false`: nothing is written yet, so that the host can still set headers. */
  readonly headersSent?: boolean;
  /** `true`: the sender waits for `'drain'` before it writes. Without it, that of `stream` is read. */
  readonly writableNeedDrain?: boolean;
  /** The HTTP/2 stream under the response, which knows what the response itself does not say. */
  readonly stream?: Pick<NodeResponseLike, 'destroyed' | 'writableNeedDrain'>;
}

/** What {@link sseComment} needs of a `WritableStreamDefaultWriter`. */
export interface StreamWriterLike {
  /** Fulfilled while the stream wants to be given more, rejected once nothing can be written any more. */
  readonly ready: PromiseLike<unknown>;
  /** Fulfilled once the stream has been closed, rejected once it has failed or the writer has lost it. */
  readonly closed: PromiseLike<unknown>;
  /**
   * Writes bytes, which the stream may keep. Fulfilled once the stream has taken them, rejected where it is being closed
   * or has failed.
   */
  write(chunk: Uint8Array): PromiseLike<unknown>;
}

/** The options of {@link sseComment}. */
export interface SseCommentOptions {
  /**
   * The text of the comment. It must not contain a line break.
   *
   * @default 'keep-alive'
   */
  readonly comment?: string;
}

/**
 * Makes a keep-alive sender that writes a comment, `: keep-alive` and an empty line, to a stream of server-sent events.
 * Readers ignore comments. The host writes each of its events with one call, so that no comment can get between its
 * lines.
 *
 * - A response that has ended or was destroyed is skipped, and so is a stream that the host has closed: nothing is
 *   written and nothing fails, so the tracker counts it as sent. A stream that is being closed is waited for. A response
 *   whose headers have not been sent is skipped too, so that the host can still set them.
 * - While the peer does not read, nothing is added: the sender first waits until the stream wants more. Then it writes,
 *   and waits until the stream has room again (a Node response) or has taken the comment (a writer). An abort ends the
 *   wait and leaves no listener.
 * - A Node response that closes during the wait, without having been ended, makes the send fail with the code
 *   `RESPONSE_CLOSED`. What the stream fails with is what the send fails with. Over the writer of a stream that has
 *   failed, or whose lock was released, every send fails.
 *
 * @param response - a Node response, or the writer of a web `WritableStream` that takes bytes.
 * @param options - see {@link SseCommentOptions}.
 * @throws TypeError for something that is neither, an unknown option or a comment that is no string.
 * @throws RangeError for a comment with a line break.
 *
 * @example
 * ```ts
 * response.writeHead(200, { 'content-type': 'text/event-stream' });
 * tracker.registerCallback(sseComment(response));
 * ```
 */
export function sseComment(
  response: NodeResponseLike | StreamWriterLike,
  options: SseCommentOptions = {},
): KeepaliveSend {
  assertObject('response', response);
  assertKnownNames('options', options, ['comment']);
  const text = `: ${checked(options.comment)}\n\n`;
  if ('ready' in response) return toWriter(response, text);
  assertMethods('response', response, 'write', 'once', 'off');
  return toNodeResponse(response, text);
}

function checked(comment: unknown = 'keep-alive'): string {
  const expected = 'a string without a line break';
  if (typeof comment !== 'string') throw invalid(TypeError, 'comment', expected, comment);
  if (/[\r\n]/.test(comment)) throw invalid(RangeError, 'comment', expected, comment);
  return comment;
}

function toNodeResponse(response: NodeResponseLike, text: string): KeepaliveSend {
  return async ({ signal }) => {
    if (isSkipped(response)) return;
    signal.throwIfAborted();
    if (response.writableNeedDrain ?? response.stream?.writableNeedDrain) {
      await drained(response, signal);
      // The host may have ended it while this waited.
      if (isSkipped(response)) return;
    }
    if (!response.write(text)) await drained(response, signal);
  };
}

function isSkipped(response: NodeResponseLike): boolean {
  if (response.headersSent === false) return true;
  return response.writableEnded || (response.destroyed ?? response.stream?.destroyed ?? false);
}

async function drained(response: NodeResponseLike, signal: AbortSignal): Promise<void> {
  let stop!: () => void;
  const settled = new Promise<void>((resolve, reject) => {
    const onDrain = (): void => resolve();
    const onError = (error: Error): void => reject(error);
    const onClose = (): void => {
      if (response.writableEnded) resolve();
      else reject(codedError('RESPONSE_CLOSED', 'The response was closed before it took the keep-alive'));
    };
    response.once('drain', onDrain);
    response.once('error', onError);
    response.once('close', onClose);
    stop = () => {
      response.off('drain', onDrain);
      response.off('error', onError);
      response.off('close', onClose);
    };
  });
  try {
    await untilAborted(signal, settled);
  } finally {
    stop();
  }
}

function toWriter(writer: StreamWriterLike, text: string): KeepaliveSend {
  assertMethods('response', writer, 'write');
  assertMethods('response.ready', writer.ready, 'then');
  assertMethods('response.closed', writer.closed, 'then');
  const chunk = new TextEncoder().encode(text);
  let isClosed = false;
  writer.closed.then(
    () => (isClosed = true),
    () => undefined,
  );
  return async ({ signal }) => {
    if (isClosed) return;
    signal.throwIfAborted();
    await untilAborted(signal, writer.ready);
    try {
      // A copy: a byte stream takes the memory of what it is given.
      await untilAborted(signal, writer.write(chunk.slice()));
    } catch (error) {
      // A stream that the host has begun to close refuses it as one that has failed does: how it ends tells them apart.
      const closed = writer.closed.then(undefined, () => {
        throw error;
      });
      await untilAborted(signal, closed);
    }
  };
}

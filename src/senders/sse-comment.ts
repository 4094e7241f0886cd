import type { KeepaliveSend } from '../ports/keepalive.js';
import { assertKnownNames, assertObject, invalid } from '../validate.js';
import { commentToResponse, type NodeResponseLike } from './sse-node-response.js';
import { commentToWriter, type StreamWriterLike } from './sse-stream-writer.js';

/**
 * The headers of a response with server-sent events. They also keep proxies, and Express' `compression`, from holding
 * comments back.
 */
export const SSE_HEADERS = Object.freeze({
  /** Makes the client read events. */
  'content-type': 'text/event-stream',
  /** Keeps proxies from storing or compressing the response. */
  'cache-control': 'no-cache, no-transform',
  /** Keeps nginx from buffering the response. */
  'x-accel-buffering': 'no',
});

/** The options of {@link sseComment}. */
export interface SseCommentOptions {
  /**
   * The text of the comment. It must not contain a line break.
   *
   * @default 'keep-alive'
   */
  readonly comment?: string | undefined;
}

/**
 * Makes a keep-alive sender that writes a comment, `: keep-alive` and an empty line, to a stream of server-sent events.
 * Readers ignore comments. Write each of your events with one call, so that no comment can get between its lines.
 *
 * - A response that has ended, was destroyed or has not sent its headers yet gives `NOT_SENT`, and so does a web stream
 *   that is closed. A stream that is being closed is waited for.
 * - While the peer does not read, nothing is added: the send waits until the stream wants more, then writes. It is done
 *   when the stream has room again (a Node response) or has taken the comment (a web stream). When the send is aborted,
 *   nothing is written later.
 * - After each comment the response is flushed, where it can be: `compression` would hold the comment back otherwise.
 * - A Node response that closes before it took the comment fails the send with the code `RESPONSE_CLOSED`. A web stream
 *   fails it with what the stream failed with, and so does a writer whose lock was released.
 *
 * The sender cannot detect a proxy that buffers whole responses: send {@link SSE_HEADERS}.
 *
 * @param response - a Node response, or the writer of a web `WritableStream` that takes bytes.
 * @param options - see {@link SseCommentOptions}.
 * @throws TypeError for something that is neither, an unknown option or a comment that is not a string.
 * @throws RangeError for a comment with a line break.
 *
 * @example
 * ```ts
 * response.writeHead(200, SSE_HEADERS);
 * tracker.registerCallback(sseComment(response));
 * ```
 */
export function sseComment(
  response: NodeResponseLike | StreamWriterLike,
  options: SseCommentOptions = {},
): KeepaliveSend {
  assertObject('response', response);
  assertKnownNames('options', options, ['comment']);
  const text = `: ${checkedComment(options.comment)}\n\n`;
  return 'ready' in response ? commentToWriter(response, text) : commentToResponse(response, text);
}

function checkedComment(comment: unknown = 'keep-alive'): string {
  const expected = 'a string without a line break';
  if (typeof comment !== 'string') throw invalid(TypeError, 'comment', expected, comment);
  if (/[\r\n]/.test(comment)) throw invalid(RangeError, 'comment', expected, comment);
  return comment;
}

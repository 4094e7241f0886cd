import { type Keepalive, type KeepaliveSend, NOT_SENT } from '../ports/keepalive.js';
import { assertMethods } from '../validate.js';
import { codedError } from './coded-error.js';
import { Waiters } from './waiters.js';

/** What `sseComment` needs of a Node response: `http.ServerResponse`, that of `http2`, or another `Writable`. */
export interface NodeResponseLike {
  /** Writes text. `false`: wait for `'drain'` before writing more. */
  write(chunk: string): boolean;
  /** Adds a listener. Not called `on`, which Express' `compression` replaces. */
  addListener(event: 'drain' | 'close', listener: () => void): unknown;
  /** Removes a listener. */
  removeListener(event: 'drain' | 'close', listener: () => void): unknown;
  /** Sends what a compressing response has buffered. */
  flush?(): void;
  /** `true` once `end` was called: nothing is written any more. */
  readonly writableEnded: boolean;
  /** `true` once it was destroyed: nothing is written any more. Without it, that of `stream` is read. */
  readonly destroyed?: boolean;
  /** `false`: nothing is written yet, so that headers can still be set. */
  readonly headersSent?: boolean;
  /** `true`: the sender waits for `'drain'` before it writes. Without it, that of `stream` is read. */
  readonly writableNeedDrain?: boolean;
  /** The HTTP/2 stream under the response, which knows what the response itself does not say. */
  readonly stream?: Pick<NodeResponseLike, 'destroyed' | 'writableNeedDrain'>;
}

/** A sender that writes `text` to a Node response. */
export function commentToResponse(response: NodeResponseLike, text: string): KeepaliveSend {
  assertMethods('response', response, 'write', 'addListener', 'removeListener');

  const waitUntilTaken = async (signal: AbortSignal): Promise<void> => {
    await waitForRoom(response, signal);
    if (isDestroyed(response) && !response.writableEnded) {
      throw codedError('RESPONSE_CLOSED', 'The response was closed before it took the keep-alive');
    }
  };

  const write = (keepalive: Keepalive): unknown => {
    if (!canWrite(response)) return NOT_SENT;
    const hasRoom = response.write(text);
    response.flush?.();
    // Under `compression`, what `write` returns is about the compressor and not about the connection.
    return (needsDrain(response) ?? !hasRoom) ? waitUntilTaken(keepalive.signal) : undefined;
  };

  return (keepalive) => {
    if (canWrite(response) && needsDrain(response)) {
      return waitForRoom(response, keepalive.signal).then(() => write(keepalive));
    }
    return write(keepalive);
  };
}

function canWrite(response: NodeResponseLike): boolean {
  return response.headersSent !== false && !response.writableEnded && !isDestroyed(response);
}

function isDestroyed({ destroyed, stream }: NodeResponseLike): boolean {
  return destroyed ?? stream?.destroyed ?? false;
}

function needsDrain({ writableNeedDrain, stream }: NodeResponseLike): boolean | undefined {
  return writableNeedDrain ?? stream?.writableNeedDrain;
}

/** By response, so that all senders of one response share its listeners. */
const waitersByResponse = new WeakMap<NodeResponseLike, Waiters>();

/** Resolves when the response drains or closes. One listener per event and response, and none while nothing waits. */
function waitForRoom(response: NodeResponseLike, signal: AbortSignal): Promise<void> {
  let waiters = waitersByResponse.get(response);
  if (waiters === undefined) waitersByResponse.set(response, (waiters = waitersFor(response)));
  return waiters.wait(signal);
}

function waitersFor(response: NodeResponseLike): Waiters {
  const events = ['drain', 'close'] as const;
  const wake = (): void => waiters.wake();
  const waiters = new Waiters(
    () => events.forEach((event) => response.addListener(event, wake)),
    () => events.forEach((event) => response.removeListener(event, wake)),
  );
  return waiters;
}

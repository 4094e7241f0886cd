import { type KeepaliveSend, NOT_SENT } from '../ports/keepalive.js';
import { assertMethods } from '../validate.js';
import { Waiters } from './waiters.js';

/** What `sseComment` needs of a `WritableStreamDefaultWriter`. */
export interface StreamWriterLike {
  /** Fulfilled while the stream wants to be given more, rejected once nothing can be written any more. */
  readonly ready: PromiseLike<unknown>;
  /** Fulfilled once the stream has been closed, rejected once it has failed or the writer has lost it. */
  readonly closed: PromiseLike<unknown>;
  /**
   * Writes bytes, which the stream may keep. Fulfilled once the stream has taken them, rejected where it is being
   * closed or has failed.
   */
  write(chunk: Uint8Array): PromiseLike<unknown>;
}

/** A sender that writes `text` to a web stream. */
export function commentToWriter(writer: StreamWriterLike, text: string): KeepaliveSend {
  assertMethods('response', writer, 'write');
  assertMethods('response.ready', writer.ready, 'then');
  assertMethods('response.closed', writer.closed, 'then');
  const chunk = new TextEncoder().encode(text);
  let isRoomAwaited = false;
  let end: 'closed' | 'failed' | undefined;

  const onRoom = (): void => {
    isRoomAwaited = false;
    forRoom.wake();
  };
  const forRoom = new Waiters(() => {
    // While the peer does not read, `ready` stays the same: one reaction to it serves all sends.
    if (isRoomAwaited) return;
    isRoomAwaited = true;
    // A failed stream wakes the sends too: writing then reports its error.
    writer.ready.then(onRoom, onRoom);
  });

  const forEnd = new Waiters();
  const onEnd = (how: 'closed' | 'failed') => (): void => {
    end = how;
    forEnd.wake();
  };
  writer.closed.then(onEnd('closed'), onEnd('failed'));
  const hasClosed = (): boolean => end === 'closed';

  return async ({ signal }) => {
    if (hasClosed()) return NOT_SENT;
    await forRoom.wait(signal);
    try {
      // A copy, because a byte stream transfers the buffer that it is given.
      await writer.write(chunk.slice());
      return undefined;
    } catch (error) {
      // A closing stream rejects writes like a failed one. How it ends shows which it was.
      if (end === undefined) await forEnd.wait(signal);
      if (hasClosed()) return NOT_SENT;
      throw error;
    }
  };
}

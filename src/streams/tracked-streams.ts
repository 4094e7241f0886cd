import type { Activity } from '../tracker/activity.js';
import { invalid } from '../validate.js';
import { StreamActivity } from './stream-activity.js';
import { TrackedIterator } from './tracked-iterator.js';
import { trackReadable } from './tracked-readable.js';

/** The tracked streams of one session. Holds none of them, but notices when one is garbage-collected. */
export class TrackedStreams {
  readonly #registry = new FinalizationRegistry<() => void>((onCollected) => onCollected());

  /**
   * @param start - called at the first read.
   * @returns a stream of the same kind as `source`.
   * @throws TypeError when `source` is neither a `ReadableStream` nor an async iterable, or is a locked stream.
   */
  track(source: unknown, start: () => Activity): unknown {
    const activity = new StreamActivity(start);
    if (isReadableStream(source)) return this.trackReadable(source, activity);
    if (!isAsyncIterable(source)) throw invalid(TypeError, 'source', 'a ReadableStream or an async iterable', source);
    const iterator = new TrackedIterator(source, activity);
    this.#registry.register(iterator, whenAbandoned(activity));
    return iterator;
  }

  /** Locks `source` at once. If the tracked stream is collected, `source`, which nobody else can read, is cancelled. */
  trackReadable<T>(source: ReadableStream<T>, activity: StreamActivity): ReadableStream<T> {
    const reader = source.getReader();
    const readable = trackReadable(reader, activity);
    this.#registry.register(readable, whenAbandoned(activity, reader));
    return readable;
  }
}

/** A function that holds on to nothing else: the registry keeps it until the stream is collected. */
function whenAbandoned(activity: StreamActivity, reader?: ReadableStreamDefaultReader<unknown>): () => void {
  return () => {
    activity.end();
    // Rejects if the source has failed, but nobody is left to handle that.
    reader?.cancel().catch(() => undefined);
  };
}

function isReadableStream(value: unknown): value is ReadableStream {
  return typeof (value as Partial<ReadableStream> | null | undefined)?.getReader === 'function';
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator] === 'function';
}

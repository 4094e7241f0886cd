import type { StreamActivity } from './stream-activity.js';

/**
 * A `ReadableStream` that is read as an activity. It pulls nothing ahead, and `reader`, which locks the source, holds
 * on to the activity alone: the tracked stream can be collected while the source is still open.
 */
export function trackReadable<T>(reader: ReadableStreamDefaultReader<T>, activity: StreamActivity): ReadableStream<T> {
  endWhenClosed(reader, activity);
  return new ReadableStream<T>(
    {
      async pull(controller) {
        activity.begin();
        const { done, value } = await reader.read();
        if (done) {
          // Throws if the stream was cancelled meanwhile, which the stream ignores.
          controller.close();
        } else {
          activity.touch();
          controller.enqueue(value);
        }
      },
      cancel(reason) {
        activity.end();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** `closed` settles before a read returns the end or the error, and after the last chunk without another read. */
function endWhenClosed(reader: ReadableStreamDefaultReader<unknown>, activity: StreamActivity): void {
  const end = (): void => activity.end();
  reader.closed.then(end, end);
}

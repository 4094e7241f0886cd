import type { StreamActivity } from './stream-activity.js';

type Result<T> = IteratorResult<T, unknown>;

/**
 * An async iterable that is read as an activity. Each call is passed on at once, so that a reader can leave while a
 * `next()` is pending. That rules out an async generator, which queues its calls. An `async` method would work, but
 * makes each chunk cost half as much again.
 */
export class TrackedIterator<T> implements AsyncIterableIterator<T> {
  readonly #source: AsyncIterable<T>;
  readonly #activity: StreamActivity;
  readonly #onResult: (result: Result<T>) => Result<T>;
  readonly #onError: (error: unknown) => never;
  #iterator: AsyncIterator<T> | undefined = undefined;

  constructor(source: AsyncIterable<T>, activity: StreamActivity) {
    this.#source = source;
    this.#activity = activity;
    // These hold on to the activity alone: a pending read must not keep this iterator from being collected.
    this.#onResult = (result) => {
      // A reader rejects a result that is not an object.
      if (result.done || Object(result) !== result) activity.end();
      else activity.touch();
      return result;
    };
    this.#onError = (error) => {
      activity.end();
      throw error;
    };
  }

  /** Opens the source, as a loop over the source itself would. */
  [Symbol.asyncIterator](): this {
    this.#open();
    return this;
  }

  next(...args: [] | [unknown]): Promise<Result<T>> {
    const iterator = this.#open();
    this.#activity.begin();
    try {
      return Promise.resolve(iterator.next(...(args as []))).then(this.#onResult, this.#onError);
    } catch (error) {
      this.#activity.end();
      throw error;
    }
  }

  return(value?: unknown): Promise<Result<T>> {
    this.#activity.end();
    return this.#open().return?.(value) ?? Promise.resolve({ done: true, value });
  }

  throw(error?: unknown): Promise<Result<T>> {
    const activity = this.#activity;
    activity.end();
    const iterator = this.#open();
    if (!iterator.throw) return rejectOnceClosed(iterator, error);
    return Promise.resolve(iterator.throw(error)).then((result) => {
      // The source caught the error and goes on.
      if (!result.done) activity.resume();
      return result;
    });
  }

  #open(): AsyncIterator<T> {
    return (this.#iterator ??= this.#source[Symbol.asyncIterator]());
  }
}

/** What a generator that catches nothing would do: it is closed, and the error comes back. */
async function rejectOnceClosed(iterator: AsyncIterator<unknown>, error: unknown): Promise<never> {
  await iterator.return?.();
  throw error;
}

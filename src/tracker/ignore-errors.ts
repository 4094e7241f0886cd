/** Whether `value` is a promise or anything else with a `then` method. Throws what a `then` getter throws. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** Keeps a promise that nobody waits for from being reported as unhandled. */
export function ignoreRejection(value: unknown): void {
  if (isThenable(value)) Promise.resolve(value).catch(() => undefined);
}

/**
 * Calls code that belongs to somebody else and ignores what it throws or rejects with.
 *
 * @returns what the call returned, or `undefined` when it threw.
 */
export function ignoreErrors<T>(call: () => T): T | undefined {
  try {
    const result = call();
    ignoreRejection(result);
    return result;
  } catch {
    return undefined;
  }
}

/**
 * Settles as `promise` does, or rejects with the signal's reason when the signal is aborted by then. Either way no
 * listener stays on the signal, and a later rejection of `promise` is not unhandled. What is no promise is fulfilled.
 */
export async function untilAborted(signal: AbortSignal, promise: unknown): Promise<void> {
  let onAbort!: () => void;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
  });
  try {
    await Promise.race([promise, aborted]);
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

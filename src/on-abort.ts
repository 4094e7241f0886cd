interface SharedListener {
  readonly callbacks: Set<() => void>;
  readonly notify: () => void;
}

const listeners = new WeakMap<AbortSignal, SharedListener>();

/**
 * Calls `callback` when `signal` is aborted. A signal has one listener however many trackers and requests share it
 * (Node warns of more than ten), and none while nobody waits. With `AbortSignal.any`, each wait would leave an entry on
 * the signal, which may live as long as the process.
 *
 * @returns the function that removes the callback.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks, notify } = listeners.get(signal) ?? newListener(signal);
  const remove = (): void => {
    if (!callbacks.delete(callback) || callbacks.size > 0) return;
    listeners.delete(signal);
    signal.removeEventListener('abort', notify);
  };
  callbacks.add(callback);
  if (callbacks.size > 1) return remove;
  try {
    signal.addEventListener('abort', notify);
  } catch (error) {
    remove();
    throw error;
  }
  return remove;
}

function newListener(signal: AbortSignal): SharedListener {
  const callbacks = new Set<() => void>();
  const notify = (): void => {
    for (const callback of callbacks) {
      try {
        callback();
      } catch {
        // The other callbacks belong to somebody else.
      }
    }
  };
  const listener = { callbacks, notify };
  listeners.set(signal, listener);
  return listener;
}

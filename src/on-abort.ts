interface SharedListener {
  readonly callbacks: Set<() => void>;
  readonly onAbort: () => void;
}

const listeners = new WeakMap<AbortSignal, SharedListener>();

/**
 * Calls `callback` when `signal` is aborted. A signal has one listener however many trackers and requests share it (Node
 * warns of more than ten), and none while nobody waits. `AbortSignal.any` would leave an entry for each wait on a
 * signal that lives as long as the process.
 *
 * @returns the function that removes the callback.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const listener = listeners.get(signal) ?? listen(signal);
  listener.callbacks.add(callback);
  return () => {
    if (!listener.callbacks.delete(callback) || listener.callbacks.size > 0) return;
    listeners.delete(signal);
    signal.removeEventListener('abort', listener.onAbort);
  };
}

function listen(signal: AbortSignal): SharedListener {
  const callbacks = new Set<() => void>();
  const notify = (): void => {
    for (const callback of callbacks) callback();
  };
  signal.addEventListener('abort', notify);
  const listener = { callbacks, onAbort: notify };
  listeners.set(signal, listener);
  return listener;
}

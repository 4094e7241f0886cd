/** What a signal aborts, and its one listener. */
class Links {
  readonly #signal: AbortSignal;
  readonly #controllers = new Set<AbortController>();
  readonly #onAbort = (): void => {
    for (const controller of this.#controllers) controller.abort(this.#signal.reason);
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(controller: AbortController): void {
    this.#controllers.add(controller);
    this.#signal.addEventListener('abort', this.#onAbort);
  }

  remove(controller: AbortController): void {
    this.#controllers.delete(controller);
    if (this.#controllers.size === 0) this.#signal.removeEventListener('abort', this.#onAbort);
  }
}

const linksBySignal = new WeakMap<AbortSignal, Links>();

/**
 * Aborts `controller` when `signal` is aborted, or at once if it is already. A signal has one listener however many
 * requests share it (Node warns of more than ten), and none while no request runs. `AbortSignal.any` would leave an entry
 * for each request on a signal that lives as long as the process.
 *
 * @returns the function that removes the link.
 */
export function linkAbort(signal: AbortSignal, controller: AbortController): () => void {
  if (signal.aborted) controller.abort(signal.reason);
  let links = linksBySignal.get(signal);
  if (links === undefined) linksBySignal.set(signal, (links = new Links(signal)));
  links.add(controller);
  return () => links.remove(controller);
}

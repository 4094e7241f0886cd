import { ignoreErrors } from './ignore-errors.js';

/**
 * The state of a session. `'busy'`: something runs. `'quiet'`: nothing runs and the idle event is pending. `'idle'`:
 * nothing runs and no idle event is pending: it was logged, there is no sender, or nothing has run yet. `'disposed'`.
 */
export type SessionState = 'busy' | 'quiet' | 'idle' | 'disposed';

/** Called with each new state of a session. What it throws or rejects with is ignored. */
export type StateObserver = (state: SessionState) => unknown;

interface Subscription {
  readonly observer: StateObserver;
}

/**
 * Delivers changes one after another, each to all observers in the order in which they subscribed. A change that an
 * observer makes waits until all have seen the one before.
 */
export class StateObservers {
  readonly #subscriptions = new Set<Subscription>();
  readonly #changes: { readonly state: SessionState; readonly subscriptions: readonly Subscription[] }[] = [];
  #isDelivering = false;

  /** @returns the function that unsubscribes. */
  subscribe(observer: StateObserver): () => void {
    const subscription = { observer };
    this.#subscriptions.add(subscription);
    return () => {
      this.#subscriptions.delete(subscription);
    };
  }

  /** Records a change for those who are subscribed now. */
  add(state: SessionState): void {
    if (this.#subscriptions.size > 0) this.#changes.push({ state, subscriptions: [...this.#subscriptions] });
  }

  /** Delivers what is recorded. @returns `false` if a call further up the stack is already doing so. */
  deliver(): boolean {
    if (this.#isDelivering) return false;
    this.#isDelivering = true;
    for (let change = this.#changes.shift(); change; change = this.#changes.shift()) {
      const { state, subscriptions } = change;
      for (const subscription of subscriptions) {
        if (this.#subscriptions.has(subscription)) ignoreErrors(() => subscription.observer(state));
      }
    }
    this.#isDelivering = false;
    return true;
  }
}

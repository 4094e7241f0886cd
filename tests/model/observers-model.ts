import type { State } from './subject.js';

/** How an observer is called. */
export type Observe = (state: State) => void;

interface Subscription {
  readonly observe: Observe;
}

/** The current state, and the observers of its changes. */
export class ObserversModel {
  state: State = 'idle';
  #subscriptions: readonly Subscription[] = [];
  #changes: { readonly state: State; readonly to: readonly Subscription[] }[] = [];
  #isDelivering = false;

  /** Returns the function that unsubscribes. */
  subscribe(observe: Observe): () => void {
    const subscription = { observe };
    this.#subscriptions = [...this.#subscriptions, subscription];
    return () => {
      this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription);
    };
  }

  /** A change goes to those who are subscribed when it happens. */
  change(state: State): void {
    if (state === this.state) return;
    this.state = state;
    this.#changes.push({ state, to: this.#subscriptions });
  }

  /** Delivers one change after another. What an observer changes waits until all have seen the change before. */
  deliver(whenDone: () => void): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    for (let change = this.#changes.shift(); change; change = this.#changes.shift()) {
      for (const subscription of change.to) {
        if (this.#subscriptions.includes(subscription)) subscription.observe(change.state);
      }
    }
    this.#isDelivering = false;
    whenDone();
  }
}

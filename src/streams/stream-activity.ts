import type { Activity } from '../tracker/activity.js';

/** The activity of one stream: it starts with the first read and stops when the stream is over. */
export class StreamActivity {
  readonly #start: () => Activity;
  #activity: Activity | undefined = undefined;
  #state: 'unread' | 'read' | 'over' = 'unread';

  constructor(start: () => Activity) {
    this.#start = start;
  }

  /** Called before each read. The first one starts the activity and touches it. */
  begin(): void {
    if (this.#state !== 'unread') return;
    this.#state = 'read';
    const activity = this.#start();
    this.#activity = activity;
    activity.touch();
    // An observer of the start may have ended the stream.
    if (this.#isOver()) activity.stop();
  }

  /** A chunk has come. */
  touch(): void {
    this.#activity?.touch();
  }

  /** The stream is over. Further reads start nothing. */
  end(): void {
    this.#state = 'over';
    this.#activity?.stop();
  }

  /** The stream goes on after all. */
  resume(): void {
    this.#state = 'unread';
    this.begin();
  }

  #isOver(): boolean {
    return this.#state === 'over';
  }
}

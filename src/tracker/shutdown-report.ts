import type { CleanupRegistry } from '../ports/cleanup-registry.js';
import type { EventLog, ShutdownData } from './events.js';
import { quietly } from './thenable.js';

/**
 * The report of what was still running at shutdown. It is logged once: by the registry's cleanup or when it is closed,
 * whichever comes first.
 */
export class ShutdownReport {
  readonly #events: EventLog;
  readonly #stillRunning: () => ShutdownData;
  #takeBack: (() => void) | undefined = undefined;
  #logged = false;
  #closed = false;

  constructor(events: EventLog, stillRunning: () => ShutdownData) {
    this.#events = events;
    this.#stillRunning = stillRunning;
  }

  /** Leaves the report with the registry. */
  registerWith(registry: CleanupRegistry): void {
    const takeBack = quietly(() =>
      registry.register(() => {
        this.#log(this.#stillRunning());
      }),
    );
    if (typeof takeBack !== 'function') return; // The registry threw.
    this.#takeBack = takeBack;
    if (this.#closed) quietly(takeBack); // The registry called back.
  }

  /** Logs the report unless the registry did, and takes it back from there. */
  close(stillRunning: ShutdownData): void {
    this.#closed = true;
    this.#log(stillRunning);
    if (this.#takeBack) quietly(this.#takeBack);
  }

  #log(stillRunning: ShutdownData): void {
    if (this.#logged) return;
    this.#logged = true;
    this.#events.log('info', 'session_activity_at_shutdown', stillRunning);
  }
}

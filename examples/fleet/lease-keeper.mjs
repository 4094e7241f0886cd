import { setTimeout as sleep } from 'node:timers/promises';
import { freeLease, holdLease } from './lease-store.mjs';

/** For how long a pipeline is left open: little beside a lease's time to live, and enough for beats that are due together. */
const GATHER_MS = 100;

/**
 * @typedef {object} Refresh
 * @property {string} sessionId
 * @property {AbortSignal} signal
 * @property {() => void} resolve
 * @property {(reason: unknown) => void} reject
 */

/** Keeps the leases of one host's sessions. What is asked of it within `GATHER_MS` goes to Redis in one pipeline. */
export class LeaseKeeper {
  /** What it has sent so far. */
  sent = { commands: 0, pipelines: 0 };
  #redis;
  #hostId;
  #ttlMs;
  /** @type {Refresh[]} */
  #due = [];
  /** @type {Set<string>} */
  #held = new Set();
  /** @type {Set<string>} */
  #toFree = new Set();
  #gathering = false;

  /**
   * @param {import('./lease-store.mjs').LeaseRedis} redis
   * @param {string} hostId
   * @param {number} ttlMs
   */
  constructor(redis, hostId, ttlMs) {
    this.#redis = redis;
    this.#hostId = hostId;
    this.#ttlMs = ttlMs;
    redis.on('ready', () => void this.#sendSoon());
  }

  /**
   * Has a session's lease hold for another time to live, beginning now.
   *
   * @param {string} sessionId
   * @param {AbortSignal} signal
   * @returns {Promise<void>} settles as this session's command does, or when the signal is aborted
   */
  refresh(sessionId, signal) {
    this.#toFree.delete(sessionId);
    this.#held.add(sessionId);
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      this.#due.push({ sessionId, signal, resolve, reject });
      void this.#sendSoon();
    });
  }

  /**
   * Gives a session's lease up. While Redis is away that waits for its return: a lease that was only left to run out
   * would get the session reaped.
   *
   * @param {string} sessionId
   */
  release(sessionId) {
    this.#held.delete(sessionId);
    this.#toFree.add(sessionId);
    void this.#sendSoon();
  }

  async #sendSoon() {
    if (this.#gathering) return;
    this.#gathering = true;
    await sleep(GATHER_MS);
    this.#gathering = false;
    await this.#send();
  }

  async #send() {
    const due = this.#due.filter(({ signal }) => !signal.aborted);
    const toFree = [...this.#toFree];
    this.#due = [];
    this.#toFree.clear();
    if (due.length + toFree.length === 0) return;

    const pipeline = /** @type {import('./lease-store.mjs').LeasePipeline} */ (this.#redis.pipeline());
    for (const { sessionId } of due) holdLease(pipeline, sessionId, this.#hostId, this.#ttlMs);
    for (const sessionId of toFree) freeLease(pipeline, sessionId);
    this.sent.pipelines++;
    this.sent.commands += due.length + toFree.length;

    // Never null, which stands for a transaction that was called off.
    const results = /** @type {[Error | null, unknown][]} */ (await pipeline.exec());
    const errors = results.map(([error]) => error);
    due.forEach(({ resolve, reject }, index) => (errors[index] ? reject(errors[index]) : resolve()));
    toFree.forEach((sessionId, index) => {
      if (errors[due.length + index] && !this.#held.has(sessionId)) this.#toFree.add(sessionId);
    });
  }
}

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, Redis } from 'ioredis';
import { InProcessCleanupRegistry } from '../../src/adapters/in-process-cleanup-registry.js';
import { NullDiagnosticsLogger } from '../../src/adapters/null-diagnostics-logger.js';
import { StaticKeepaliveGate } from '../../src/adapters/static-keepalive-gate.js';
import { SystemClock } from '../../src/adapters/system-clock.js';
import { type LapsedLease, RedisLeases } from '../../src/redis/index.js';
import { SessionActivityTracker } from '../../src/tracker/session-activity-tracker.js';
import { until } from '../support/until.js';
import { KEEPALIVE } from './keepalive.js';

const INTERVAL_MS = 500;
export const TTL_MS = 4 * INTERVAL_MS;

/** Connects to a server. With ioredis' defaults, but for a reconnection that a test does not have to wait for. */
export async function connect(port: number, options: { keyPrefix?: string } = {}): Promise<Redis> {
  const client = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 50, ...options });
  client.on('error', () => undefined);
  await once(client, 'ready');
  return client;
}

/** Renews a lease once. */
export async function renew(leases: RedisLeases, sessionId: string): Promise<void> {
  await leases.sender(sessionId)(KEEPALIVE);
}

/** Trackers whose work never ends, with leases. */
export class BusyHost implements Disposable {
  readonly sessionIds: readonly string[];
  readonly #trackers: readonly SessionActivityTracker[];

  constructor(client: Redis | Cluster, hostId: string, sessions = 20) {
    const leases = new RedisLeases(client, { ttlMs: TTL_MS, hostId });
    this.sessionIds = Array.from({ length: sessions }, (_, index) => `${hostId}/${index}`);
    this.#trackers = this.sessionIds.map((sessionId) => {
      const tracker = new SessionActivityTracker(
        new SystemClock(),
        new NullDiagnosticsLogger(),
        new StaticKeepaliveGate(true),
        new InProcessCleanupRegistry(),
        { intervalMs: INTERVAL_MS, cadence: 'steady' },
      );
      tracker.registerCallback(leases.sender(sessionId));
      tracker.start('tool_exec');
      return tracker;
    });
  }

  /** How many keep-alives have got through and failed. */
  counts(): { sent: number; failed: number } {
    const keepalives = this.#trackers.map((tracker) => tracker.snapshot().keepalives);
    const sum = (name: 'sent' | 'failed'): number => keepalives.reduce((total, counts) => total + counts[name], 0);
    return { sent: sum('sent'), failed: sum('failed') };
  }

  /** Waits until every session has sent once. */
  async isBusy(): Promise<void> {
    await until(() => this.counts().sent >= this.sessionIds.length);
  }

  /** Dies: nothing is renewed any more, and nothing is released. */
  [Symbol.dispose](): void {
    for (const tracker of this.#trackers) tracker.dispose();
  }
}

/** Asks for lapsed leases all the time, whether or not Redis answers. */
export class Reaper implements AsyncDisposable {
  readonly taken: LapsedLease[] = [];
  readonly #leases: RedisLeases;
  readonly #stopping = new AbortController();
  readonly #stopped: Promise<void>;

  constructor(client: Redis | Cluster) {
    this.#leases = new RedisLeases(client, { ttlMs: TTL_MS });
    this.#stopped = this.#reap();
  }

  get takenIds(): string[] {
    return this.taken.map(({ sessionId }) => sessionId).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#stopped;
  }

  async #reap(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#leases.takeLapsed().then(
        (lapsed) => this.taken.push(...lapsed),
        () => undefined,
      );
      await sleep(10);
    }
  }
}

/** Stays away for longer than any lease lasts. */
export async function outlastLeases(): Promise<void> {
  await sleep(TTL_MS + INTERVAL_MS);
}

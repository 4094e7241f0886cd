import type { KeepaliveSend } from '../ports/keepalive.js';
import { assertDuration, assertKnownNames, assertMethods, assertNonEmptyString, invalid } from '../validate.js';
import { leaseKeys, READ_CLOCK, RELEASE, RENEW, TAKE_LAPSED } from './lease-scripts.js';
import { type LeaseClient, RedisConnection } from './redis-connection.js';

/** How long a pipeline is held open, for keep-alives that are due together. */
const GATHER_MS = 20;

/** The most sessions in one call, because Redis serves nobody else meanwhile. */
const SESSIONS_PER_CALL = 500;

/** The options of {@link RedisLeases}. `ttlMs` and `prefix` must be the same in the whole fleet. */
export interface RedisLeasesOptions {
  /**
   * How long a lease lasts without a renewal, in ms: three intervals of the tracker or more, so that one lost
   * keep-alive does no harm, and longer than the client takes to connect again.
   */
  readonly ttlMs: number;

  /**
   * Names this host in {@link LapsedLease}. Two hosts must not share one: a host releases only its own leases.
   *
   * @default a random UUID
   */
  readonly hostId?: string | undefined;

  /**
   * Begins the names of the keys, in braces: all keys of one prefix are in one slot of Redis Cluster.
   *
   * @default 'session-activity'
   */
  readonly prefix?: string | undefined;
}

/** A lease that expired: it was neither renewed in time nor released. */
export interface LapsedLease {
  /** The session that it was for. */
  readonly sessionId: string;
  /** The host that renewed it last. */
  readonly hostId: string;
  /** When it expired, in Unix ms by Redis' clock. */
  readonly expiredAtMs: number;
  /** When it was taken, in Unix ms by Redis' clock. */
  readonly takenAtMs: number;
}

interface Renewal {
  readonly sessionId: string;
  readonly settle: (error?: Error) => void;
}

/**
 * Leases in Redis for the busy sessions of a fleet. A session whose lease expires was busy on a host that died.
 *
 * Make one for each host, and one for each reaper. It uses your client, which it neither configures nor closes.
 *
 * @example
 * ```ts
 * const leases = new RedisLeases(new Redis(), { ttlMs: 90_000 });
 * tracker.registerCallback(leases.sender('session-1'));
 * tracker.observe((state) => {
 *   if (state !== 'busy') void leases.release('session-1');
 * });
 * ```
 */
export class RedisLeases {
  readonly #connection: RedisConnection;
  readonly #ttlMs: number;
  readonly #hostId: string;
  /** When each session asked for a renewal last, until it is released. */
  readonly #held = new Map<string, number>();
  /** Released, but Redis has not confirmed it yet. */
  readonly #released = new Set<string>();
  #renewals: Renewal[] = [];
  /** The next pipeline, while it is held open. */
  #nextFlush: Promise<void> | undefined;
  /** Since when the reaper has tried to ask Redis. */
  #askingSinceMs: number | undefined;

  /**
   * @param client - a `Redis` or `Cluster` of ioredis.
   * @throws TypeError or RangeError for a bad argument, which the message names.
   */
  constructor(client: LeaseClient, options: RedisLeasesOptions) {
    assertMethods('client', client, 'on', 'pipeline');
    assertKnownNames('options', options, ['ttlMs', 'hostId', 'prefix']);
    const { ttlMs, hostId = globalThis.crypto.randomUUID(), prefix = 'session-activity' } = options;
    assertDuration('ttlMs', ttlMs);
    assertNonEmptyString('hostId', hostId);
    assertNonEmptyString('prefix', prefix);
    if (/[{}]/.test(prefix)) throw invalid(RangeError, 'prefix', 'a string without braces', prefix);
    this.#connection = new RedisConnection(client, leaseKeys(prefix));
    this.#connection.onReady(() => this.#restore());
    this.#ttlMs = Math.ceil(ttlMs);
    this.#hostId = hostId;
  }

  /**
   * Makes a keep-alive sender that renews the session's lease. Renewals of one host that are due within some
   * milliseconds share one pipeline.
   *
   * While Redis is away it fails at once with the code `NOT_CONNECTED`, and nothing is queued. Only the first attempt
   * of a new client to connect is waited for. When the client has connected again, the leases of this host are renewed
   * without waiting for the next keep-alive. A refusal fails with Redis' own code, such as `READONLY`.
   *
   * @throws TypeError when `sessionId` is not a non-empty string.
   */
  sender(sessionId: string): KeepaliveSend {
    assertNonEmptyString('sessionId', sessionId);
    return () => {
      this.#held.set(sessionId, performance.now());
      this.#released.delete(sessionId);
      return new Promise<void>((resolve, reject) => {
        const settle = (error?: Error): void => (error ? reject(error) : resolve());
        this.#renewals.push({ sessionId, settle });
        void this.#flushSoon();
      });
    };
  }

  /**
   * Releases the session's lease. Call it when the session is no longer busy: otherwise the lease expires and the
   * session counts as lost. Does nothing if the lease was not renewed since it was last released.
   *
   * @returns a promise that never rejects. It resolves when Redis has answered, or at once while Redis is away: the
   * lease is then released when Redis is back.
   * @throws TypeError when `sessionId` is not a non-empty string.
   */
  release(sessionId: string): Promise<void> {
    assertNonEmptyString('sessionId', sessionId);
    if (!this.#held.delete(sessionId)) return Promise.resolve();
    this.#released.add(sessionId);
    return this.#flushSoon();
  }

  /**
   * Removes the leases that have expired and lists them. Each goes to one caller, however many reapers there are.
   *
   * After Redis was away (a restart, a failover, a pause) nothing is taken for one `ttlMs`, so that the hosts that are
   * alive can renew their leases first.
   *
   * @returns a promise that rejects while Redis is away, with the code `NOT_CONNECTED`. If the connection is lost while
   * it waits, it settles when your client has connected again or given up: the answer may name sessions that are
   * already removed.
   */
  async takeLapsed(): Promise<LapsedLease[]> {
    // Kept when asking fails, so that the next attempt knows for how long Redis was away.
    this.#askingSinceMs ??= performance.now();
    const askingSinceMs = this.#askingSinceMs;
    const nowMs = (await this.#connection.run({ script: READ_CLOCK, args: [] })) as number;
    const askedAtMs = nowMs - (performance.now() - askingSinceMs);

    const call = { script: TAKE_LAPSED, args: [this.#ttlMs, askedAtMs, SESSIONS_PER_CALL] };

    const taken: LapsedLease[] = [];
    let batch: LapsedLease[];
    do {
      try {
        batch = toLapsed(await this.#connection.run(call));
      } catch (error) {
        // No other reaper will see the leases that were already taken.
        if (taken.length > 0) return taken;
        throw error;
      }
      taken.push(...batch);
    } while (batch.length === SESSIONS_PER_CALL);
    this.#askingSinceMs = undefined;
    return taken;
  }

  /** Renews this host's leases, which Redis may have lost, but for those that were not renewed for one `ttlMs`. */
  #restore(): void {
    const nowMs = performance.now();
    for (const [sessionId, renewedAtMs] of this.#held) {
      if (nowMs - renewedAtMs < this.#ttlMs) this.#renewals.push({ sessionId, settle: () => undefined });
    }
    void this.#flushSoon();
  }

  #flushSoon(): Promise<void> {
    this.#nextFlush ??= new Promise((resolve) => setTimeout(resolve, GATHER_MS)).then(() => this.#flush());
    return this.#nextFlush;
  }

  async #flush(): Promise<void> {
    this.#nextFlush = undefined;
    const renewals = chunks(this.#renewals);
    const releases = chunks([...this.#released]);
    this.#renewals = [];
    this.#released.clear();
    if (renewals.length + releases.length === 0) return;

    const errors = await this.#connection.runAll([
      ...renewals.map((chunk) => ({
        script: RENEW,
        args: [this.#ttlMs, this.#hostId, ...chunk.map(({ sessionId }) => sessionId)],
      })),
      ...releases.map((chunk) => ({ script: RELEASE, args: [this.#hostId, ...chunk] })),
    ]);
    renewals.forEach((chunk, index) => {
      for (const { settle } of chunk) settle(errors[index]);
    });
    releases.forEach((chunk, index) => {
      if (errors[renewals.length + index] === undefined) return;
      for (const sessionId of chunk) if (!this.#held.has(sessionId)) this.#released.add(sessionId);
    });
  }
}

function chunks<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / SESSIONS_PER_CALL);
  return Array.from({ length: count }, (_, index) =>
    items.slice(index * SESSIONS_PER_CALL, (index + 1) * SESSIONS_PER_CALL),
  );
}

function toLapsed(reply: unknown): LapsedLease[] {
  const [takenAtMs, lapsed] = reply as [number, [sessionId: string, hostId: string, expiredAtMs: string][]];
  return lapsed.map(([sessionId, hostId, expiredAtMs]) => ({
    sessionId,
    hostId,
    expiredAtMs: Number(expiredAtMs),
    takenAtMs,
  }));
}

import type { LeaseKeys } from './lease-scripts.js';

/** The part of an ioredis client that leases use. `Redis` and `Cluster` both have it. */
export interface LeaseClient {
  /** The state of the connection, such as `'ready'`. */
  readonly status: string;
  /** Calls `listener` at each change to that state. */
  on(event: 'ready' | 'close' | 'end', listener: () => void): unknown;
  /** Begins a pipeline. */
  pipeline(): LeasePipeline;
}

/** The part of an ioredis pipeline that leases use. */
export interface LeasePipeline {
  /** Adds a call of a Lua script. */
  eval(script: string, numberOfKeys: number, ...args: (string | number)[]): unknown;
  /** Sends the pipeline, and gives the answer to each call. */
  exec(): Promise<[error: Error | null, reply: unknown][] | null>;
}

/** One call of a script. */
export interface ScriptCall {
  readonly script: string;
  readonly args: readonly (string | number)[];
}

type Answer = [error: Error | null, reply: unknown];

/**
 * Runs scripts on the caller's client. While Redis is away they fail at once, although the client itself would queue
 * them. Every error from Redis has a `code`.
 */
export class RedisConnection {
  readonly #client: LeaseClient;
  readonly #keys: LeaseKeys;
  /** Fails the pipelines that wait for their answer. */
  readonly #pending = new Set<(error: Error) => void>();
  /** Resolves when the client's first attempt to connect has succeeded or failed. */
  readonly #firstAttempt: Promise<void>;

  constructor(client: LeaseClient, keys: LeaseKeys) {
    this.#client = client;
    this.#keys = keys;
    client.on('close', () => {
      for (const fail of this.#pending) fail(notConnected());
    });
    this.#firstAttempt = new Promise((resolve) => {
      for (const event of ['ready', 'close', 'end'] as const) client.on(event, resolve);
      if (client.status !== 'connecting' && client.status !== 'connect') resolve();
    });
  }

  /** Calls `listener` whenever the client has connected. */
  onReady(listener: () => void): void {
    this.#client.on('ready', listener);
  }

  /** Runs one script and gives its reply. If the connection is lost meanwhile, the client decides what happens. */
  async run(call: ScriptCall): Promise<unknown> {
    try {
      const [[error, reply]] = (await this.#send([call])) as [Answer];
      if (error) throw error;
      return reply;
    } catch (error) {
      throw withCode(error as Error);
    }
  }

  /**
   * Runs all calls in one pipeline, and gives the error of each, or `undefined`. Never rejects. If the connection is
   * lost meanwhile, they have failed, though the client may still repeat them.
   */
  async runAll(calls: readonly ScriptCall[]): Promise<(Error | undefined)[]> {
    try {
      const answers = await this.#untilClosed(this.#send(calls));
      return answers.map(([error]) => (error ? withCode(error) : undefined));
    } catch (error) {
      return calls.map(() => withCode(error as Error));
    }
  }

  async #send(calls: readonly ScriptCall[]): Promise<Answer[]> {
    await this.#firstAttempt;
    // A client that connects lazily ("wait") does so at its first command.
    if (this.#client.status !== 'ready' && this.#client.status !== 'wait') throw notConnected();
    const pipeline = this.#client.pipeline();
    // With its source each time: a server that was restarted or promoted has no scripts cached.
    for (const { script, args } of calls) pipeline.eval(script, this.#keys.length, ...this.#keys, ...args);
    // Never null, which stands for a discarded transaction.
    return (await pipeline.exec()) as Answer[];
  }

  #untilClosed<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      void answer.then(resolve, reject).finally(() => this.#pending.delete(reject));
    });
  }
}

function notConnected(): Error {
  return Object.assign(new Error('Redis is not connected'), { code: 'NOT_CONNECTED' });
}

/** Redis begins its errors with a code, such as `READONLY`, which ioredis leaves in the message. */
function withCode(error: Error): Error {
  const code = /^[A-Z][A-Z0-9_]+(?= )/.exec(error.message)?.[0];
  if ('code' in error || code === undefined) return error;
  return Object.assign(new Error(error.message, { cause: error }), { code });
}

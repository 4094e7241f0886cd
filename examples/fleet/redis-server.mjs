import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';

/** @param {number} port */
export async function connect(port) {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    retryStrategy: () => 100 + Math.random() * 100,
    // While Redis loads its data, ioredis waits for as long as Redis estimates, which may be longer than a lease lasts.
    maxLoadingRetryTime: 200,
  });
  // Commands report their own failures.
  client.on('error', () => {});
  await once(client, 'ready');
  return client;
}

/** A Redis server for this example alone, on loopback, that persists its data in a file. */
export class RedisServer {
  #port;
  #directory;
  #signal;
  /** @type {Redis | undefined} */
  #client;
  /** @type {Promise<unknown>} */
  #ended = Promise.resolve();

  /**
   * @param {number} port
   * @param {string} directory
   * @param {AbortSignal} signal kills it
   */
  constructor(port, directory, signal) {
    this.#port = port;
    this.#directory = directory;
    this.#signal = signal;
  }

  /** @param {AbortSignal} signal */
  static async create(signal) {
    return new RedisServer(await findFreePort(), await mkdtemp(join(tmpdir(), 'fleet-')), signal);
  }

  get port() {
    return this.#port;
  }

  /** @throws an error with the code `ENOENT` if redis-server is not installed. */
  async start() {
    const where = ['--bind', '127.0.0.1', '--port', String(this.#port), '--dir', this.#directory];
    const process = spawn('redis-server', [...where, '--save', '', '--appendonly', 'yes'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      signal: this.#signal,
      killSignal: 'SIGKILL',
    });
    this.#ended = new Promise((resolve) => process.once('close', resolve));
    await new Promise((resolve, reject) => {
      process.on('error', reject);
      /** @type {string[]} */
      const lines = [];
      createInterface(process.stdout).on('line', (line) => {
        lines.push(line);
        if (line.includes('Ready to accept connections')) resolve(undefined);
      });
      process.once('close', () => reject(new Error(['redis-server did not start', ...lines].join('\n'))));
    });
    this.#client = await connect(this.#port);
  }

  /** The time by its clock, the commands it has run, its memory and its leases. */
  async figures() {
    const client = this.#connected();
    const [seconds, microseconds] = await client.time();
    const stats = await client.info('commandstats');
    const memory = await client.info('memory');
    return {
      nowMs: Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000),
      commands: Number(/cmdstat_eval:calls=(\d+)/.exec(stats)?.[1] ?? 0),
      bytes: Number(/used_memory:(\d+)/.exec(memory)?.[1]),
      leases: await client.zcard('{session-activity}:leases'),
    };
  }

  async shutDown() {
    const client = this.#connected();
    // Redis exits without answering, so the call fails.
    client.call('SHUTDOWN').catch(() => {});
    await this.#ended;
    client.disconnect();
  }

  /** Waits until the process has ended, after the signal was aborted, and removes its files. */
  async cleanUp() {
    this.#client?.disconnect();
    await this.#ended;
    await rm(this.#directory, { recursive: true, force: true });
  }

  #connected() {
    if (this.#client === undefined) throw new Error('Redis is not running');
    return this.#client;
  }
}

/**
 * Picks a port below the ephemeral range. While Redis is down, a reconnecting client could otherwise be assigned that
 * very port for its own end, and connect to itself.
 */
async function findFreePort() {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

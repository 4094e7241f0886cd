import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from './lease-store.mjs';

/** A Redis of this example's own, on loopback, that writes nothing to disk. */
export class RedisServer {
  /** @type {number} */
  port;
  #directory;
  #signal;
  /** @type {import('./lease-store.mjs').LeaseRedis | undefined} */
  #client;
  /** @type {Promise<unknown>} */
  #ended = Promise.resolve();

  /**
   * @param {number} port
   * @param {string} directory
   * @param {AbortSignal} signal kills it
   */
  constructor(port, directory, signal) {
    this.port = port;
    this.#directory = directory;
    this.#signal = signal;
  }

  /** @param {AbortSignal} signal */
  static async create(signal) {
    return new RedisServer(await findFreePort(), await mkdtemp(join(tmpdir(), 'fleet-')), signal);
  }

  /** A connection to it while it runs. */
  get client() {
    if (this.#client === undefined) throw new Error('Redis is not running');
    return this.#client;
  }

  /** @throws with the code `ENOENT` where there is no redis-server. */
  async start() {
    const where = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', this.#directory];
    const process = spawn('redis-server', [...where, '--save', '', '--appendonly', 'no'], {
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
    this.#client = connect(this.port);
    await once(this.#client, 'ready', { signal: this.#signal });
  }

  /** What time it is for Redis. */
  async nowMs() {
    const [seconds, microseconds] = await this.client.time();
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  }

  /** Has it end. It remembers nothing. */
  async shutDown() {
    const { client } = this;
    // It closes the connection instead of answering.
    await client.call('SHUTDOWN', 'NOSAVE').catch(() => {});
    client.disconnect();
    await this.#ended;
  }

  /** Waits for its end, once the signal has been aborted, and leaves nothing behind. */
  async cleanUp() {
    this.#client?.disconnect();
    await this.#ended;
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/**
 * Takes a port below those that the system gives to outgoing connections: a client that tries to reconnect while Redis
 * is down might be given Redis' own, and would be connected to itself.
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

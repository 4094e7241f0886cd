import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A redis-server on loopback, in a directory of its own. */
export class RedisServer {
  readonly #directory = mkdtempSync(join(tmpdir(), 'redis-leases-'));
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    args: readonly string[],
  ) {
    this.#args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', this.#directory, '--save', '', ...args];
  }

  static async start(...args: string[]): Promise<RedisServer> {
    const server = new RedisServer(await findFreePort(), args);
    await server.start();
    return server;
  }

  /** Starts the server, or restarts it on the same port with what it has written to disk. */
  async start(): Promise<void> {
    const process = spawn('redis-server', this.#args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = process;
    for await (const line of createInterface(process.stdout)) {
      if (line.includes('Ready to accept connections')) break;
    }
    // Later output must not fill the pipe.
    process.stdout.resume();
  }

  /** Runs a command with redis-cli and returns its output. Nothing else can run meanwhile, so it takes at most 10 s. */
  ask(...command: string[]): string {
    const options = { encoding: 'utf8', timeout: 10_000 } as const;
    return execFileSync('redis-cli', ['-p', String(this.port), ...command], options).trim();
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  async stop(): Promise<void> {
    const process = this.#process;
    if (process?.exitCode !== null || process.signalCode !== null) return;
    const ended = once(process, 'close');
    process.kill('SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/**
 * Picks a port below the ephemeral range. While Redis is down, a reconnecting client could otherwise be assigned that
 * very port for its own end, and connect to itself.
 */
export async function findFreePort(): Promise<number> {
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

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** How often the proxy looks for silent connections. */
const TICK_MS = 50;

/** One direction of a connection. Bytes keep their order, whatever delay they meet. */
class Pipe {
  delayMs = 0;
  forwards = true;
  readonly #to: Socket;
  readonly #waiting: { readonly dueAtMs: number; readonly bytes: Buffer }[] = [];

  constructor(from: Socket, to: Socket) {
    this.#to = to;
    from.on('data', (bytes: Buffer) => {
      if (!this.forwards) return;
      this.#waiting.push({ dueAtMs: performance.now() + this.delayMs, bytes });
      this.#flush();
    });
  }

  #flush(): void {
    const nowMs = performance.now();
    for (let next = this.#waiting[0]; next && next.dueAtMs <= nowMs; next = this.#waiting[0]) {
      this.#waiting.shift();
      if (this.#to.writable) this.#to.write(next.bytes);
    }
    const [next] = this.#waiting;
    if (next) setTimeout(() => this.#flush(), next.dueAtMs - nowMs).unref();
  }
}

/** A connection through the proxy, and what a network can do to it. */
export class Link {
  /** For how many ticks nothing was heard from either end. */
  silentTicks = 0;
  readonly #ends: readonly Socket[];
  readonly #pipes: readonly Pipe[];

  constructor(accepted: Socket, onward: Socket) {
    this.#ends = [accepted, onward];
    this.#pipes = [new Pipe(accepted, onward), new Pipe(onward, accepted)];
    for (const end of this.#ends) {
      end.on('data', () => (this.silentTicks = 0));
      end.on('error', () => undefined);
      end.once('close', () => this.cut());
    }
  }

  /** Both ends stay open and are read. What they say from now on reaches nobody. */
  halfOpen(): void {
    for (const pipe of this.#pipes) pipe.forwards = false;
  }

  /** What is said from now on arrives that much later, each way. */
  delay(ms: number): void {
    for (const pipe of this.#pipes) pipe.delayMs = ms;
  }

  reset(): void {
    for (const end of this.#ends) end.resetAndDestroy();
  }

  cut(): void {
    for (const end of this.#ends) end.destroy();
  }

  get isUp(): boolean {
    return this.#ends.every((end) => !end.destroyed);
  }
}

/** A proxy on the loopback interface. It cuts a connection that was silent for `maxSilentTicks` looks at it. */
export class TcpProxy {
  /** In the order in which they were accepted. */
  readonly links: Link[] = [];
  /** Accepts new connections but forwards nothing of them, while true. */
  isDeaf = false;
  readonly #server: Server;
  readonly #ticks: NodeJS.Timeout;

  private constructor(targetPort: number, maxSilentTicks: number) {
    this.#server = createServer((accepted) => {
      const link = new Link(accepted, connect(targetPort, '127.0.0.1'));
      if (this.isDeaf) link.halfOpen();
      this.links.push(link);
    });
    // Counted in ticks: a machine that stands still for a while makes nobody silent.
    this.#ticks = setInterval(() => {
      for (const link of this.links) if (++link.silentTicks > maxSilentTicks) link.cut();
    }, TICK_MS);
  }

  static async start(targetPort: number, maxSilentTicks = Infinity): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort, maxSilentTicks);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    clearInterval(this.#ticks);
    for (const link of this.links) link.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

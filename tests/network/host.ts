import { WebSocket } from 'ws';
import {
  type Activity,
  InProcessCleanupRegistry,
  type Keepalive,
  type KeepaliveRegistration,
  SessionActivityTracker,
  StaticKeepaliveGate,
  SystemClock,
  type TrackerOptions,
} from '../../src/index.js';
import { defer, type Deferred } from '../support/deferred.js';

/** A call of a transport's sender. */
interface Send {
  readonly signal: AbortSignal;
  /** Whether the peer answered, in time or not. */
  isAnswered: boolean;
  /** Whether it answered before the tracker had given the send up. */
  isInTime: boolean;
  readonly end: Deferred<void>;
}

/** One connection of the host, numbered in the order in which they were opened. */
export interface Transport {
  readonly number: number;
  readonly socket: WebSocket;
  readonly sends: Send[];
  registration?: KeepaliveRegistration;
}

/** What happened, in its order: work was started, a transport registered or sent over, or an event logged. */
export interface Entry {
  readonly what: string;
  readonly transport?: number;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

export interface HostOptions extends TrackerOptions {
  readonly intervalMs: number;
  readonly sendTimeoutMs: number;
  /** When a transport that closed is unregistered: at once, or only after its successor was registered. */
  readonly unregisters?: 'at once' | 'late';
  /** Whether it turns to a new connection when it is not answered in time, not only when one closes. */
  readonly watchesAnswers?: boolean;
}

/**
 * A session that stays connected: it opens a new connection when it loses one. A keep-alive is a ping, and is over
 * when the peer has answered it. It pays no heed to its signal: over a dead connection it hangs for ever.
 */
export class Host {
  readonly timeline: Entry[] = [];
  readonly transports: Transport[] = [];
  readonly tracker: SessionActivityTracker;
  readonly #port: number;
  readonly #unregistersLate: boolean;
  readonly #watchesAnswers: boolean;
  #isOver = false;

  constructor(port: number, options: HostOptions) {
    const { unregisters = 'late', watchesAnswers = false, ...trackerOptions } = options;
    this.#port = port;
    this.#unregistersLate = unregisters === 'late';
    this.#watchesAnswers = watchesAnswers;
    this.tracker = new SessionActivityTracker(
      new SystemClock(),
      { log: (_level, event, data) => void this.timeline.push({ what: event, data }) },
      new StaticKeepaliveGate(true),
      new InProcessCleanupRegistry(),
      trackerOptions,
    );
    this.connect();
  }

  /** The newest transport, connected or not. */
  get latest(): Transport {
    const transport = this.transports.at(-1);
    if (!transport) throw new Error('There is always one');
    return transport;
  }

  named(event: string): Entry[] {
    return this.timeline.filter(({ what }) => what === event);
  }

  /** The transports that were sent over though another one had been registered since. */
  misdirected(): number[] {
    let current: number | undefined;
    return this.timeline.flatMap(({ what, transport }) => {
      if (what === 'registered') current = transport;
      return what === 'sent' && transport !== undefined && transport !== current ? [transport] : [];
    });
  }

  /** Opens a connection, which takes the place of the one before once it is open. */
  connect(): void {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}`, this.#watchesAnswers ? { handshakeTimeout: 250 } : {});
    const transport: Transport = { number: this.transports.length, socket, sends: [] };
    this.transports.push(transport);
    socket.on('error', () => undefined);
    socket.on('pong', (index) => {
      const send = transport.sends[Number(index)];
      if (!send) return;
      send.isAnswered = true;
      send.isInTime = !send.signal.aborted;
      send.end.resolve();
    });
    socket.once('open', () => this.#register(transport));
    socket.once('close', () => {
      if (!this.#unregistersLate || transport !== this.latest) transport.registration?.unregister();
      this.#leave(transport);
    });
  }

  work(): Activity {
    const activity = this.tracker.start('tool_exec');
    this.timeline.push({ what: 'started' });
    return activity;
  }

  close(): void {
    this.#isOver = true;
    this.tracker.dispose();
    for (const { socket } of this.transports) socket.terminate();
  }

  #register(transport: Transport): void {
    if (transport !== this.latest) return;
    transport.registration = this.tracker.registerCallback((keepalive) => this.#send(transport, keepalive));
    this.timeline.push({ what: 'registered', transport: transport.number });
    for (const { registration, socket } of this.transports.slice(0, -1)) {
      registration?.unregister();
      if (this.#watchesAnswers) socket.terminate();
    }
  }

  #leave(transport: Transport): void {
    if (!this.#isOver && transport === this.latest) this.connect();
  }

  #send(transport: Transport, { signal }: Keepalive): Promise<void> {
    const end = defer();
    const index = transport.sends.push({ signal, isAnswered: false, isInTime: false, end }) - 1;
    this.timeline.push({ what: 'sent', transport: transport.number });
    signal.addEventListener('abort', () => {
      if (this.#watchesAnswers && (signal.reason as Error).name === 'TimeoutError') this.#leave(transport);
    });
    transport.socket.ping(String(index), undefined, (error?: Error | null) => {
      if (error) end.reject(error);
    });
    return end.promise;
  }
}

import { type KeepaliveSend, NOT_SENT } from '../ports/keepalive.js';
import { assertKnownNames, assertMethods, assertObject, assertWithin, invalid } from '../validate.js';
import { codedError } from './coded-error.js';

/** What {@link webSocketPing} needs of a socket: a `WebSocket` of ws, or one of the browser API. */
export interface WebSocketLike {
  /** 1 while the socket is open. */
  readonly readyState: number;

  /** Bytes that were given to the socket and that the operating system has not taken yet. */
  readonly bufferedAmount: number;

  /** Sends a message. Called only where there is no `ping`. A promise that it returns is waited for. */
  send(message: string | ArrayBuffer): unknown;

  /** Sends a ping. Calls back when the operating system has taken it, or with an error, as ws does. */
  ping?(data: undefined, mask: undefined, callback: (error?: Error | null) => void): unknown;
}

/** The options of {@link webSocketPing}. */
export interface WebSocketPingOptions {
  /**
   * What is sent where the socket has no `ping`: text, or bytes, which are copied. A socket that has one needs none.
   *
   * @default none
   */
  readonly message?: string | ArrayBuffer | ArrayBufferView | undefined;

  /**
   * While more bytes than this wait to be sent, no keep-alive is added to them. A number of bytes of at least 0;
   * `Infinity` switches the check off.
   *
   * @default 1_048_576
   */
  readonly maxBufferedBytes?: number | undefined;
}

const OPEN = 1;
const MAX_BUFFERED_BYTES = 1_048_576;

type PingableSocket = WebSocketLike & Required<Pick<WebSocketLike, 'ping'>>;

/**
 * Makes a keep-alive sender that pings over a WebSocket. The browser API has no ping: there it sends a message, which
 * the peer must be ready to ignore.
 *
 * - A socket that is not open gives `NOT_SENT`.
 * - While more than `maxBufferedBytes` wait, nothing is added and the send fails with the code `BACKPRESSURE`: a ping
 *   behind them might come too late.
 * - A ping is sent when the operating system has taken it. If it cannot at once, because the peer does not read, the
 *   send is pending until the socket calls back, and fails with the error that it calls back with.
 * - A message is sent when `send` returns or, if it returns a promise, when that is fulfilled.
 *
 * It does not check whether the peer answers: traffic alone keeps a proxy from closing the connection.
 *
 * @param socket - pinged at every send, for as long as the sender is registered.
 * @param options - see {@link WebSocketPingOptions}.
 * @throws TypeError for something that is not a socket, an unknown option, an option of the wrong type, or no `message`
 * for a socket without `ping`.
 * @throws RangeError for `maxBufferedBytes` below 0 or NaN.
 *
 * @example
 * ```ts
 * server.on('connection', (socket) => {
 *   tracker.registerCallback(webSocketPing(socket));
 * });
 * ```
 */
export function webSocketPing(socket: WebSocketLike, options: WebSocketPingOptions = {}): KeepaliveSend {
  assertSocket(socket);
  assertKnownNames('options', options, ['message', 'maxBufferedBytes']);
  const { message, maxBufferedBytes = MAX_BUFFERED_BYTES } = options;
  assertWithin('maxBufferedBytes', maxBufferedBytes, 0, Infinity, 'a number of bytes of at least 0');
  const deliver = deliveryOver(socket, copied(message));

  return () => {
    if (socket.readyState !== OPEN) return NOT_SENT;
    if (socket.bufferedAmount > maxBufferedBytes) {
      throw codedError('BACKPRESSURE', `More than ${maxBufferedBytes} bytes wait to be sent over the socket`);
    }
    return deliver();
  };
}

/** Sends one keep-alive over the socket. Returns a promise if that takes time. */
function deliveryOver(socket: WebSocketLike, message: string | ArrayBuffer | undefined): () => unknown {
  if (canPing(socket)) return () => ping(socket);
  if (message === undefined) {
    throw invalid(TypeError, 'message', 'text or bytes, for a socket without `ping`', message);
  }
  assertMethods('socket', socket, 'send');
  return () => socket.send(message);
}

function canPing(socket: WebSocketLike): socket is PingableSocket {
  return typeof socket.ping === 'function';
}

/** No promise if the ping was sent at once: a promise costs the tracker a deadline and a timer. */
function ping(socket: PingableSocket): Promise<void> | undefined {
  let isCalledBack = false as boolean;
  let failure: Error | null | undefined;
  let settle: (() => void) | undefined;
  socket.ping(undefined, undefined, (error) => {
    isCalledBack = true;
    failure = error;
    settle?.();
  });
  if (isCalledBack ? !failure : socket.bufferedAmount === 0) return undefined;
  return new Promise((resolve, reject) => {
    settle = () => {
      if (failure) reject(failure);
      else resolve();
    };
    if (isCalledBack) settle();
  });
}

function assertSocket(socket: unknown): void {
  assertObject('socket', socket);
  for (const name of ['readyState', 'bufferedAmount'] as const) {
    const value = (socket as Partial<WebSocketLike>)[name];
    // Without one of them the sender would silently never send, or never apply backpressure.
    if (typeof value !== 'number') throw invalid(TypeError, `socket.${name}`, 'a number', value);
  }
}

/** A copy of the message, which the caller cannot change between two sends. */
function copied(given: WebSocketPingOptions['message']): string | ArrayBuffer | undefined {
  if (given === undefined || typeof given === 'string') return given;
  if (ArrayBuffer.isView(given)) {
    return Uint8Array.from(new Uint8Array(given.buffer, given.byteOffset, given.byteLength)).buffer;
  }
  // Not by `instanceof`: the bytes may come from another realm.
  if (Object.prototype.toString.call(given) === '[object ArrayBuffer]') return given.slice(0);
  throw invalid(TypeError, 'message', 'text or bytes', given);
}

import type { KeepaliveSend } from '../ports/keepalive.js';
import { assertKnownNames, assertMethods, assertObject, invalid } from '../validate.js';
import { codedError } from './coded-error.js';
import { untilAborted } from './until-aborted.js';

/** What {@link webSocketPing} needs of a socket: a `WebSocket` of ws, or one of the browser API. */
export interface WebSocketLike {
  /** 1 while the socket is open. */
  readonly readyState: number;

  /** Bytes that were given to the socket and have not left the process. */
  readonly bufferedAmount: number;

  /** Sends a message. Called only where there is no `ping`. A promise that it returns is waited for. */
  send(message: string | ArrayBuffer): unknown;

  /** Sends a ping and calls back once it was handed to the operating system or cannot be, as ws does. */
  ping?(data: undefined, mask: undefined, callback: (error?: Error | null) => void): unknown;
}

/** The options of {@link webSocketPing}. */
export interface WebSocketPingOptions {
  /**
   * What is sent where the socket has no `ping`: text, or bytes, which are copied. A socket that has one needs none.
   *
   * @default none
   */
  readonly message?: string | ArrayBuffer | ArrayBufferView;

  /**
   * While more bytes than this wait to be sent, no keep-alive is added to them. A number of bytes of at least 0;
   * `Infinity` switches the check off.
   *
   * @default 1_048_576
   */
  readonly maxBufferedBytes?: number;
}

const OPEN = 1;
const MAX_BUFFERED_BYTES = 1_048_576;

type PingableSocket = WebSocketLike & Required<Pick<WebSocketLike, 'ping'>>;

/**
 * Makes a keep-alive sender that pings over a WebSocket. The browser API has no ping: there a message is sent, which
 * the peer must be ready to ignore.
 *
 * - A socket that is not open is skipped: nothing is sent and nothing fails, so the tracker counts it as sent.
 * - While more than `maxBufferedBytes` wait, nothing is added and the send fails with the code `BACKPRESSURE`. Bytes
 *   that still flow keep the connection alive by themselves, but whether they flow cannot be seen from here, and a
 *   keep-alive behind them would come too late to help if they do not.
 * - A ping counts as sent when the socket calls back; an error that it calls back with is what the send fails with. A
 *   message counts as sent once the socket has taken it: when `send` returns, or when the promise that it returns is
 *   fulfilled. An abort ends the wait but takes nothing back.
 *
 * @param socket - pinged at every send, for as long as the sender is registered.
 * @param options - see {@link WebSocketPingOptions}.
 * @throws TypeError for something that is no socket, an unknown option, an option of the wrong type, or no `message`
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
  const maxBufferedBytes = limit(options.maxBufferedBytes);
  const deliver = delivery(socket, frozen(options.message));

  return async ({ signal }) => {
    if (socket.readyState !== OPEN) return;
    signal.throwIfAborted();
    if (socket.bufferedAmount > maxBufferedBytes) {
      throw codedError('BACKPRESSURE', `More than ${maxBufferedBytes} bytes wait to be sent over the socket`);
    }
    await untilAborted(signal, deliver());
  };
}

/** How one keep-alive is handed to the socket; a promise where that takes time. */
function delivery(socket: WebSocketLike, message: string | ArrayBuffer | undefined): () => unknown {
  if (canPing(socket)) return () => pinged(socket);
  if (message === undefined) {
    throw invalid(TypeError, 'message', 'text or bytes, for a socket without `ping`', message);
  }
  assertMethods('socket', socket, 'send');
  return () => socket.send(message);
}

function canPing(socket: WebSocketLike): socket is PingableSocket {
  return typeof socket.ping === 'function';
}

function pinged(socket: PingableSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.ping(undefined, undefined, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

function assertSocket(socket: unknown): void {
  assertObject('socket', socket);
  for (const name of ['readyState', 'bufferedAmount'] as const) {
    const value = (socket as Partial<WebSocketLike>)[name];
    // A socket without it would be skipped, or never held back, without a word.
    if (typeof value !== 'number') throw invalid(TypeError, `socket.${name}`, 'a number', value);
  }
}

function limit(given: unknown): number {
  const expected = 'a number of bytes of at least 0';
  if (given === undefined) return MAX_BUFFERED_BYTES;
  if (typeof given !== 'number') throw invalid(TypeError, 'maxBufferedBytes', expected, given);
  // Written so that NaN fails it.
  if (!(given >= 0)) throw invalid(RangeError, 'maxBufferedBytes', expected, given);
  return given;
}

/** A message that nobody else can change between two sends. */
function frozen(given: WebSocketPingOptions['message']): string | ArrayBuffer | undefined {
  if (given === undefined || typeof given === 'string') return given;
  if (ArrayBuffer.isView(given)) {
    return Uint8Array.from(new Uint8Array(given.buffer, given.byteOffset, given.byteLength)).buffer;
  }
  // Not by `instanceof`: the bytes may come from another realm.
  if (Object.prototype.toString.call(given) === '[object ArrayBuffer]') return given.slice(0);
  throw invalid(TypeError, 'message', 'text or bytes', given);
}

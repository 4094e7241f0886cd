import type { Keepalive } from '../ports/keepalive.js';
import { assertFunction, assertKnownNames, assertObject, assertSignal, invalid } from '../validate.js';

/** A value, or the function that gives it for one keep-alive. */
export type PerKeepalive<T> = T | ((keepalive: Keepalive) => T | PromiseLike<T>);

/** The options of `httpKeepalive`. */
export interface HttpKeepaliveOptions {
  /** @default 'POST' */
  readonly method?: 'POST' | 'PUT' | 'PATCH' | undefined;

  /**
   * The request's headers. A function is called at each send: for a token that expires, for example.
   *
   * @default none
   */
  readonly headers?: PerKeepalive<HttpHeaders> | undefined;

  /**
   * The request's body. A function is called at each send: for a deadline that moves, for example.
   *
   * @default none
   */
  readonly body?: PerKeepalive<HttpBody> | undefined;

  /**
   * Called with each answer of status 200 to 299. `false` fails the send with the code `REFUSED`: for a server that
   * reports a refusal in the body. It may read the body.
   *
   * @default accepts all
   */
  readonly accept?: ((response: Response) => unknown) | undefined;

  /**
   * Ends a running request, and fails every send once it is aborted. Any number of senders may share it.
   *
   * @default none
   */
  readonly signal?: AbortSignal | undefined;

  /**
   * Called instead of the global `fetch`.
   *
   * @default globalThis.fetch, looked up at each send
   */
  readonly fetch?: typeof fetch | undefined;
}

/** Headers as `fetch` takes them. */
export type HttpHeaders = NonNullable<RequestInit['headers']>;

/** A body as `fetch` takes it, apart from streams, which can be read only once. */
export type HttpBody = string | URLSearchParams | FormData | Blob | ArrayBuffer | Uint8Array | DataView | null;

/** Not by `instanceof`: it may come from another realm. */
const REUSABLE_BODY = /^\[object (String|\w+Array|ArrayBuffer|DataView|URLSearchParams|FormData|Blob|File|Null)\]$/;

const METHODS: readonly unknown[] = ['POST', 'PUT', 'PATCH'];

/**
 * The text of an absolute HTTP URL.
 *
 * @throws TypeError for anything else, and for a URL with a user name or password.
 */
export function absoluteUrl(url: unknown): string {
  const text = typeof url === 'object' && url !== null ? (url as Partial<URL>).href : url;
  const parsed = typeof text === 'string' ? parse(text) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw invalid(TypeError, 'url', 'an absolute http: or https: URL', url);
  }
  if (parsed.username !== '' || parsed.password !== '') {
    // Without the text, which has the password in it.
    throw new TypeError('Expected `url` to be a URL without user name and password, got one with them');
  }
  return parsed.href;
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Throws a TypeError or RangeError for a bad option. */
export function assertHttpOptions(options: HttpKeepaliveOptions): void {
  assertKnownNames('options', options, ['method', 'headers', 'body', 'accept', 'signal', 'fetch']);
  const { method = 'POST', headers, body } = options;
  const methods = '`POST`, `PUT` or `PATCH`';
  if (typeof method !== 'string') throw invalid(TypeError, 'method', methods, method);
  if (!METHODS.includes(method)) throw invalid(RangeError, 'method', methods, method);
  if (headers !== undefined && typeof headers !== 'function') assertHeaders(headers);
  const kind = Object.prototype.toString.call(body);
  if (body !== undefined && typeof body !== 'function' && !REUSABLE_BODY.test(kind)) {
    throw invalid(TypeError, 'body', 'text, bytes or a form, or a function that gives them', body);
  }
  for (const name of ['accept', 'fetch'] as const) {
    if (options[name] !== undefined) assertFunction(name, options[name]);
  }
  assertSignal('signal', options.signal);
}

function assertHeaders(headers: HttpHeaders): void {
  if (!Array.isArray(headers)) assertObject('headers', headers);
  try {
    new Headers(headers);
  } catch {
    // Without the cause, whose message may quote a secret.
    throw new TypeError('Expected `headers` to be valid HTTP headers, got one with an invalid name or value');
  }
}

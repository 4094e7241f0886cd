import { type Keepalive, type KeepaliveSend, NOT_SENT } from '../ports/keepalive.js';
import { onAbort } from '../on-abort.js';
import { codedError } from './coded-error.js';
import { absoluteUrl, assertHttpOptions, type HttpKeepaliveOptions, type PerKeepalive } from './http-options.js';

/** How much of an answer is read so that its connection can be used again, and for how long. */
const MAX_DISCARDED_BYTES = 65_536;
const MAX_DISCARD_MS = 1_000;

/** The longest `Retry-After` that is honoured. */
const MAX_WAIT_MS = 300_000;

/** An HTTP date. `Date.parse` alone accepts much more, `-5` for example. */
const HTTP_DATE = /^[A-Z][a-z]+, .+ GMT$/;

/**
 * Makes a keep-alive sender that calls an HTTP endpoint, such as a platform's endpoint for extending a session.
 *
 * - A status from 200 to 299 is success, unless `accept` returns `false` (`REFUSED`). Any other fails the send with the
 *   code `HTTP_` and the status, such as `HTTP_503`. A request that gets no answer fails with the code of its cause
 *   where there is one, such as `ECONNREFUSED`.
 * - After a 429 or 503 with `Retry-After`, sends give `NOT_SENT` until that time, but for five minutes at most.
 * - The request ends when the send is aborted or `signal` is.
 * - The answer's body is discarded in the background, so that the connection can be used again; one of 64 KiB or more,
 *   or that takes longer than a second, is cancelled.
 *
 * @param url - an absolute `http:` or `https:` URL, as text or as a `URL`.
 * @param options - see {@link HttpKeepaliveOptions}.
 * @throws TypeError for another URL or one with a user name or password, an unknown option, an option of the wrong type
 * or a header that `fetch` would refuse.
 * @throws RangeError for a method other than `POST`, `PUT` and `PATCH`.
 *
 * @example
 * ```ts
 * tracker.registerCallback(httpKeepalive('https://example.com/sessions/42/alive', { headers: { authorization } }));
 * ```
 */
export function httpKeepalive(
  url: string | { readonly href: string },
  options: HttpKeepaliveOptions = {},
): KeepaliveSend {
  const target = absoluteUrl(url);
  assertHttpOptions(options);
  const { method = 'POST', headers, body, accept, signal } = options;
  const retryAfter = new RetryAfter();

  const call = async (keepalive: Keepalive): Promise<void> => {
    const request = new AbortController();
    const removers = [keepalive.signal, signal].map((each) => each && abortTogether(each, request));
    try {
      const init: RequestInit = { method, signal: request.signal };
      if (headers !== undefined) init.headers = await valueFor(keepalive, headers);
      if (body !== undefined) init.body = await valueFor(keepalive, body);
      const response = await answer(options.fetch ?? fetch, target, init);
      retryAfter.note(response);
      try {
        await check(response, accept);
      } finally {
        discard(response);
      }
    } finally {
      for (const remove of removers) remove?.();
    }
  };

  return (keepalive) => (retryAfter.isWaiting ? NOT_SENT : call(keepalive));
}

/** Aborts `request` when `signal` is aborted, or at once if it already is. @returns what lets go of the signal. */
function abortTogether(signal: AbortSignal, request: AbortController): () => void {
  const abort = (): void => request.abort(signal.reason);
  if (signal.aborted) abort();
  return onAbort(signal, abort);
}

function valueFor<T>(keepalive: Keepalive, value: PerKeepalive<T>): T | PromiseLike<T> {
  return typeof value === 'function' ? (value as (keepalive: Keepalive) => T | PromiseLike<T>)(keepalive) : value;
}

async function answer(
  fetch: HttpKeepaliveOptions['fetch'] & object,
  url: string,
  init: RequestInit,
): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    // `fetch` fails with the same bare TypeError whatever happened, and keeps the reason inside.
    const code = (error as { cause?: { code?: unknown } | null } | null | undefined)?.cause?.code;
    throw typeof code === 'string' ? codedError(code, 'The keep-alive got no answer', { cause: error }) : error;
  }
}

async function check(response: Response, accept: HttpKeepaliveOptions['accept']): Promise<void> {
  const { ok, status } = response;
  if (!ok) throw codedError(`HTTP_${status}`, `The keep-alive was answered with status ${status}`);
  if (accept && (await accept(response)) === false) {
    throw codedError('REFUSED', `The keep-alive was refused with status ${status}`);
  }
}

/** Reads the body to its end and discards it. This fails if `accept` has read it, which does no harm. */
function discard({ body }: Response): void {
  let bytes = 0;
  const sink = new WritableStream<Uint8Array>({
    write: ({ byteLength }, controller) => {
      bytes += byteLength;
      // Ends the pipe, which cancels the body.
      if (bytes >= MAX_DISCARDED_BYTES) controller.error();
    },
  });
  body?.pipeTo(sink, { signal: AbortSignal.timeout(MAX_DISCARD_MS) }).catch(() => undefined);
}

/** How long a server asked us to send nothing, by the `Retry-After` of a 429 or 503. At most five minutes. */
class RetryAfter {
  #untilMs = -Infinity;

  /** Whether the time is not over yet. */
  get isWaiting(): boolean {
    const remainingMs = this.#untilMs - Date.now();
    // A longer wait than the maximum means that the wall clock was set back.
    return remainingMs > 0 && remainingMs <= MAX_WAIT_MS;
  }

  /** Notes what the server asked for. A header that cannot be read is ignored. */
  note({ status, headers }: Response): void {
    if (status !== 429 && status !== 503) return;
    const text = headers.get('retry-after') ?? '';
    const nowMs = Date.now();
    const untilMs = /^\d+$/.test(text) ? nowMs + Number(text) * 1_000 : HTTP_DATE.test(text) ? Date.parse(text) : NaN;
    if (!Number.isNaN(untilMs)) this.#untilMs = Math.min(untilMs, nowMs + MAX_WAIT_MS);
  }
}

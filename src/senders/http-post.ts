import type { KeepaliveSend } from '../ports/keepalive.js';
import { assertMethods, assertObject, invalid } from '../validate.js';
import { codedError } from './coded-error.js';
import type { HttpPostInit } from './http-post-init.js';

/** How much of an answer is read so that its connection can be used again, and for how long. */
const MAX_DISCARDED_BYTES = 65_536;
const MAX_DISCARD_MS = 1_000;

/**
 * Makes a keep-alive sender that posts to a URL with the global `fetch`.
 *
 * - The status decides, as soon as it is there. From 200 to 299 it is success; any other makes the send fail with the
 *   code `HTTP_` and the status, such as `HTTP_503`. A request that never got an answer fails with the code of its
 *   cause where there is one, such as `ECONNREFUSED`.
 * - An abort of the send or of `init.signal` before that ends the request.
 * - The answer's body is read and thrown away in the background, so that the connection can be used again. One of
 *   64 KiB or more, or that takes longer than a second, is cancelled instead.
 *
 * @param url - an absolute `http:` or `https:` URL, as text or as a `URL`.
 * @param init - given to `fetch`; read at every send, so that a header in it can be replaced. No body that can be read
 * only once.
 * @throws TypeError for another URL or one with a user name or password, an `init` that is no object, a method in it, a
 * stream as its body or something else than a signal as its signal.
 *
 * @example
 * ```ts
 * tracker.registerCallback(httpPost('https://example.com/sessions/42/alive', { headers: { authorization } }));
 * ```
 */
export function httpPost(url: string | { readonly href: string }, init: HttpPostInit = {}): KeepaliveSend {
  const target = absolute(url);
  assertInit(init);

  return async ({ signal }) => {
    const response = await post(target, init, init.signal ? [signal, init.signal] : [signal]);
    discard(response);
    if (!response.ok) {
      throw codedError(`HTTP_${response.status}`, `The keep-alive was answered with status ${response.status}`);
    }
  };
}

/** Posts until one of the signals is aborted, and leaves nothing on them, for they may live long. */
async function post(url: string, init: HttpPostInit, signals: readonly AbortSignal[]): Promise<Response> {
  const request = new AbortController();
  const onAbort = (): void => request.abort(signals.find(({ aborted }) => aborted)?.reason);
  for (const signal of signals) signal.addEventListener('abort', onAbort);
  if (signals.some(({ aborted }) => aborted)) onAbort();
  try {
    return await fetch(url, { ...init, method: 'POST', signal: request.signal });
  } catch (error) {
    // `fetch` fails with the same bare TypeError whatever happened, and keeps the reason inside.
    const code = (error as { cause?: { code?: unknown } | null } | null | undefined)?.cause?.code;
    throw typeof code === 'string' ? codedError(code, 'The keep-alive got no answer', { cause: error }) : error;
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', onAbort);
  }
}

/** Reads the body away. That it breaks off does not matter: the status has said all. */
function discard({ body }: Response): void {
  let bytes = 0;
  const nowhere = new WritableStream<Uint8Array>({
    write: ({ byteLength }, controller) => {
      bytes += byteLength;
      // Ends the pipe, which cancels the body.
      if (bytes >= MAX_DISCARDED_BYTES) controller.error();
    },
  });
  body?.pipeTo(nowhere, { signal: AbortSignal.timeout(MAX_DISCARD_MS) }).catch(() => undefined);
}

function absolute(url: unknown): string {
  const given = typeof url === 'object' && url !== null ? (url as Partial<URL>).href : url;
  const parsed = typeof given === 'string' ? parse(given) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw invalid(TypeError, 'url', 'an absolute http: or https: URL', url);
  }
  if (parsed.username !== '' || parsed.password !== '') {
    // Not the text, which would tell the password.
    throw invalid(TypeError, 'url', 'a URL without user name and password', parsed);
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

function assertInit(init: HttpPostInit): void {
  assertObject('init', init);
  const { method } = init as RequestInit;
  if (method !== undefined) throw invalid(TypeError, 'init.method', 'left out, for it is always POST', method);
  if (init.signal) assertMethods('init.signal', init.signal, 'addEventListener', 'removeEventListener');
  const body = init.body as { getReader?: unknown; [Symbol.asyncIterator]?: unknown } | null | undefined;
  if (body?.getReader !== undefined || body?.[Symbol.asyncIterator] !== undefined) {
    throw invalid(TypeError, 'init.body', 'a body that can be sent more than once', body);
  }
}

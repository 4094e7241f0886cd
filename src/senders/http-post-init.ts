import type { PlatformAbortSignal } from '../tracker/abort-signal.js';

/** What of it there is where neither Node's types nor the DOM's are loaded. */
interface HttpPostInitShape {
  body?: string | ArrayBuffer | ArrayBufferView | null;
  headers?: Record<string, string>;
  redirect?: 'error' | 'follow' | 'manual';
  signal?: PlatformAbortSignal | null;
}

/** What `fetch` is given besides the method, which is always POST: by Node's types or the DOM's where they are loaded. */
export type HttpPostInit = typeof globalThis extends {
  /** The platform's, a global function in both. */
  fetch: (input: never, init?: infer Init) => unknown;
}
  ? Omit<NonNullable<Init>, 'method'>
  : HttpPostInitShape;

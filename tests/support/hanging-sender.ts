import type { KeepaliveSend } from '../../src/index.js';
import { defer, type Deferred } from './deferred.js';

export interface HangingSend {
  readonly signal: AbortSignal;
  readonly end: Deferred<void>;
}

/** A sender whose sends stay pending, each with what a test needs to end it. */
export function hangingSender(): { readonly sends: HangingSend[]; readonly send: KeepaliveSend } {
  const sends: HangingSend[] = [];
  return {
    sends,
    send: ({ signal }) => {
      const end = defer();
      sends.push({ signal, end });
      return end.promise;
    },
  };
}

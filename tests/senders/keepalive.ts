import type { Keepalive } from '../../src/index.js';

/** What a tracker tells a sender, with a signal that is never aborted unless another is given. */
export function keepalive(signal: AbortSignal = new AbortController().signal): Keepalive {
  return { trigger: 'heartbeat', refcount: 1, active: { tool_exec: 1 }, signal };
}

/** A signal that is aborted already, with `reason`. */
export function abortedSignal(reason: unknown): AbortSignal {
  return AbortSignal.abort(reason);
}

import type { Keepalive } from '../../src/ports/keepalive.js';

export const KEEPALIVE: Keepalive = {
  trigger: 'heartbeat',
  refcount: 1,
  active: { tool_exec: 1 },
  signal: new AbortController().signal,
};

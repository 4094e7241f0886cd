import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fastify from 'fastify';
import type { SessionActivityTracker } from '../../src/index.js';
import { createTestTracker } from '../../src/testing/index.js';

/** Starts a server whose one route works until its client is gone; gives its port and the function that closes it. */
type Start = (tracker: SessionActivityTracker) => Promise<{ readonly port: number; readonly close: () => unknown }>;

const FRAMEWORKS: Readonly<Record<string, Start>> = {
  'node:http': async (tracker) => {
    const server = createServer((_request, response) => {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      tracker.start('api_call', { signal: gone.signal });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port, close: () => server.close() };
  },

  Fastify: async (tracker) => {
    const app = fastify();
    app.get('/', async ({ signal }) => {
      tracker.start('api_call', { signal });
      await once(signal, 'abort');
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
  },
};

describe.each(Object.entries(FRAMEWORKS))('a client of %s that disconnects', (_name, start) => {
  it('ends its activity', async () => {
    const { tracker } = createTestTracker();
    const { port, close } = await start(tracker);
    const socket = connect(port, '127.0.0.1');
    const busy = new Promise((resolve) => tracker.observe(resolve));
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await busy;
    expect(tracker.snapshot().active).toEqual({ api_call: 1 });
    socket.destroy();
    await tracker.whenIdle();
    expect(tracker.snapshot().refcount).toBe(0);
    await close();
  });
});

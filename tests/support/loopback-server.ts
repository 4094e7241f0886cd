import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server on loopback. Leaving its scope closes it and its connections. */
export interface LoopbackServer extends AsyncDisposable {
  readonly url: string;
}

export async function startServer(listener: RequestListener): Promise<LoopbackServer> {
  // Unreferenced, so that a test that fails before it closes the server does not keep its process alive.
  const server = createServer(listener).listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A request that a test answers by hand. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** A server whose requests a test answers by hand, one after another. */
export async function startHandOperatedServer(): Promise<LoopbackServer & { nextRequest(): Promise<Exchange> }> {
  const exchanges: Exchange[] = [];
  let arrived = (): void => undefined;
  const server = await startServer((request, response) => {
    exchanges.push({ request, response });
    arrived();
  });
  const nextRequest = async (): Promise<Exchange> => {
    for (;;) {
      const exchange = exchanges.shift();
      if (exchange) return exchange;
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
  };
  return { ...server, nextRequest };
}

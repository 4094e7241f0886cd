import { createServer, type RequestListener, type Server } from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach } from '@jest/globals';
import { type WebSocket as Socket, WebSocket, WebSocketServer } from 'ws';

/** More than the kernel's buffers of a loopback connection hold, so that some of it waits in the process. */
export const MORE_THAN_THE_KERNEL_TAKES = 32 * 1_048_576;

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

/** Has `close` awaited after the test. */
export function closeAfterwards(close: () => Promise<unknown>): void {
  closers.push(close);
}

/** An HTTP server on the loopback interface, closed with all its connections after the test. */
export async function startHttpServer(listener: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closeAfterwards(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A request over HTTP/2 and the response to it, closed after the test. */
export async function openHttp2Stream(): Promise<{
  response: http2.Http2ServerResponse;
  client: http2.ClientHttp2Stream;
}> {
  const server = http2.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  closeAfterwards(() => {
    session.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const requested = once(server, 'request') as Promise<[unknown, http2.Http2ServerResponse]>;
  const client = session.request();
  const [, response] = await requested;
  return { response, client };
}

/** Both ends of an open WebSocket over loopback, terminated after the test. */
export async function openWebSocket(): Promise<{ near: Socket; far: Socket }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const connected = once(server, 'connection') as Promise<[Socket]>;
  const far = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [[near]] = await Promise.all([connected, once(far, 'open')]);
  closeAfterwards(() => {
    near.terminate();
    far.terminate();
    return new Promise((resolve) => server.close(resolve));
  });
  return { near, far };
}

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';
import { WebSocketServer } from 'ws';
import { Host, type HostOptions } from './host.js';
import { TcpProxy } from './tcp-proxy.js';

/** A peer that answers pings, the way to it, and the hosts that go that way. */
export interface Network {
  readonly proxy: TcpProxy;
  readonly addHost: (options: HostOptions) => Host;
}

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

/** Closed after the test, with all its connections. */
export async function startNetwork(maxSilentTicks?: number): Promise<Network> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.on('error', () => undefined));
  const proxy = await TcpProxy.start((server.address() as AddressInfo).port, maxSilentTicks);
  const hosts: Host[] = [];
  closers.push(async () => {
    for (const host of hosts) host.close();
    await proxy.close();
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  return {
    proxy,
    addHost: (options) => {
      const host = new Host(proxy.port, options);
      hosts.push(host);
      return host;
    },
  };
}

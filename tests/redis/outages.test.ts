import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { RedisLeases } from '../../src/redis/index.js';
import { describeWith } from '../support/needs.js';
import { until } from '../support/until.js';
import { BusyHost, connect, outlastLeases, Reaper, renew, TTL_MS } from './fleet.js';
import { RedisServer } from './redis-server.js';

let servers: RedisServer[] = [];
let clients: Redis[] = [];

async function startServer(...args: string[]): Promise<RedisServer> {
  const server = await RedisServer.start(...args);
  servers.push(server);
  return server;
}

async function connectTo({ port }: RedisServer): Promise<Redis> {
  const client = await connect(port);
  clients.push(client);
  return client;
}

/** The lease of a session whose host has died: it is what a reaper has to take, and the only thing. */
async function leaveBehind(client: Redis): Promise<void> {
  await renew(new RedisLeases(client, { ttlMs: TTL_MS, hostId: 'dead' }), 'lost');
}

describeWith(['redis-server', 'redis-cli'], 'A reaper', () => {
  beforeEach(() => {
    servers = [];
    clients = [];
  });

  afterEach(async () => {
    for (const client of clients) client.disconnect();
    await Promise.all(servers.map((server) => server.remove()));
  });

  describe('takes the sessions of a dead host, and no live one,', () => {
    it('when Redis comes back with what it had', async () => {
      const server = await startServer('--appendonly', 'yes', '--appendfsync', 'always');
      using host = new BusyHost(await connectTo(server), 'live');
      await host.isBusy();
      await leaveBehind(await connectTo(server));
      await server.stop();
      await outlastLeases();
      // It connects before the hosts do, and knows nothing of the time before.
      await server.start();
      await using reaper = new Reaper(await connectTo(server));
      await until(() => reaper.taken.length > 0);
      expect(reaper.takenIds).toEqual(['lost']);
      expect(host.counts().failed).toBeGreaterThan(0);
    });

    it('when Redis hangs and a reaper waits for its answer', async () => {
      const server = await startServer();
      using host = new BusyHost(await connectTo(server), 'live');
      await host.isBusy();
      await leaveBehind(await connectTo(server));
      await using reaper = new Reaper(await connectTo(server));
      server.signal('SIGSTOP');
      await outlastLeases();
      server.signal('SIGCONT');
      await until(() => reaper.taken.length > 0);
      expect(reaper.takenIds).toEqual(['lost']);
    });

    it('when clients are paused', async () => {
      const server = await startServer();
      using host = new BusyHost(await connectTo(server), 'live');
      await host.isBusy();
      const client = await connectTo(server);
      await leaveBehind(client);
      await using reaper = new Reaper(await connectTo(server));
      await client.client('PAUSE', TTL_MS * 2);
      await until(() => reaper.taken.length > 0);
      expect(reaper.takenIds).toEqual(['lost']);
    });

    it('when a replica is promoted', async () => {
      const [primary, replica] = [await startServer(), await startServer()];
      replica.ask('REPLICAOF', '127.0.0.1', String(primary.port));
      using host = new BusyHost(await connectTo(primary), 'live');
      await host.isBusy();
      await leaveBehind(await connectTo(primary));
      await until(() => replica.ask('ZCARD', '{session-activity}:leases') === '21');
      await primary.stop();
      await outlastLeases();

      replica.ask('REPLICAOF', 'NO', 'ONE');
      await using reaper = new Reaper(await connectTo(replica));
      using moved = new BusyHost(await connectTo(replica), 'live');
      await until(() => reaper.taken.length > 0);
      expect(reaper.takenIds).toEqual(['lost']);
      expect(moved.sessionIds).toEqual(host.sessionIds);
    });
  });

  describe('when Redis comes back empty', () => {
    it('finds a host that dies before its next keep-alive, for leases are renewed on reconnection', async () => {
      const server = await startServer();
      const client = await connectTo(server);
      const leases = new RedisLeases(client, { ttlMs: TTL_MS, hostId: 'host' });
      await renew(leases, 'a');
      await server.stop();
      await server.start();
      await using reaper = new Reaper(await connectTo(server));
      await until(() => reaper.taken.length > 0);
      expect(reaper.taken).toMatchObject([{ sessionId: 'a', hostId: 'host' }]);
    });
  });

  describe('when a read-only replica answers', () => {
    it('fails a send with its code', async () => {
      const [primary, replica] = [await startServer(), await startServer()];
      replica.ask('REPLICAOF', '127.0.0.1', String(primary.port));
      const leases = new RedisLeases(await connectTo(replica), { ttlMs: TTL_MS });
      await expect(renew(leases, 'a')).rejects.toMatchObject({ code: 'READONLY' });
    });
  });
});

import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Cluster } from 'ioredis';
import { RedisLeases } from '../../src/redis/index.js';
import { describeWith } from '../support/needs.js';
import { until } from '../support/until.js';
import { BusyHost, outlastLeases, Reaper, renew, TTL_MS } from './fleet.js';
import { findFreePort, RedisServer } from './redis-server.js';

jest.setTimeout(60_000);

const INDEX = '{session-activity}:leases';

const servers: RedisServer[] = [];
const clients: Cluster[] = [];

async function startNode(): Promise<RedisServer> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
  const node = await RedisServer.start(...args, '--cluster-port', String(await findFreePort()));
  servers.push(node);
  return node;
}

const addressOf = ({ port }: RedisServer): string => `127.0.0.1:${port}`;

async function connect(): Promise<Cluster> {
  const client = new Cluster(servers.map(({ port }) => ({ host: '127.0.0.1', port })));
  client.on('error', () => undefined);
  await once(client, 'ready');
  clients.push(client);
  return client;
}

/** The node that holds the leases. */
function holder(): RedisServer {
  const slot = servers[0]?.ask('CLUSTER', 'KEYSLOT', INDEX);
  const found = servers.find((server) => {
    const [, , firstSlot, lastSlot] =
      /(\S+ )?myself,master(.*) (\d+)-(\d+)/.exec(server.ask('CLUSTER', 'NODES'))?.slice(1) ?? [];
    return Number(slot) >= Number(firstSlot) && Number(slot) <= Number(lastSlot);
  });
  if (found === undefined) throw new Error('No node holds the leases');
  return found;
}

/** That node and its replica, which the first call starts. */
async function primaryAndReplica(): Promise<[primary: RedisServer, replica: RedisServer]> {
  const primary = holder();
  const id = primary.ask('CLUSTER', 'MYID');
  let replica = servers.find((server) => server.ask('CLUSTER', 'NODES').includes(`myself,slave ${id}`));
  if (replica === undefined) {
    replica = await startNode();
    const asReplica = ['--cluster-slave', '--cluster-master-id', id];
    primary.ask('--cluster', 'add-node', addressOf(replica), addressOf(primary), ...asReplica);
  }
  await inSync(primary, replica);
  return [primary, replica];
}

/** Waits until the replica has all that its primary has now. */
async function inSync(primary: RedisServer, replica: RedisServer): Promise<void> {
  const offsetOf = (server: RedisServer): number =>
    Number(/master_repl_offset:(\d+)/.exec(server.ask('INFO', 'replication'))?.[1]);
  const offset = offsetOf(primary);
  await until(() => replica.ask('INFO', 'replication').includes('link_status:up') && offsetOf(replica) >= offset);
}

describeWith(['redis-server', 'redis-cli'], 'RedisLeases on Redis Cluster', () => {
  beforeAll(async () => {
    const [first, ...others] = [await startNode(), await startNode(), await startNode()];
    first.ask('--cluster', 'create', ...[first, ...others].map(addressOf), '--cluster-yes');
    await until(() => servers.every((server) => server.ask('CLUSTER', 'INFO').includes('cluster_state:ok')));
  });

  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await Promise.all(servers.map((server) => server.remove()));
  });

  describe('a fleet', () => {
    it('has all its keys in one slot', async () => {
      const client = await connect();
      const leases = new RedisLeases(client, { ttlMs: TTL_MS, hostId: 'host' });
      await Promise.all(Array.from({ length: 1_000 }, (_, index) => renew(leases, `s-${index}`)));
      expect(holder().ask('ZCARD', INDEX)).toBe('1000');
      await Promise.all(Array.from({ length: 1_000 }, (_, index) => leases.release(`s-${index}`)));
      expect(await client.zcard(INDEX)).toBe(0);
    });

    it('can be spread over slots by prefixes', async () => {
      const client = await connect();
      const shards = ['shard-1', 'shard-2', 'shard-3'].map(
        (prefix) => new RedisLeases(client, { ttlMs: TTL_MS, prefix }),
      );
      await Promise.all(shards.map((leases, index) => renew(leases, `s-${index}`)));
      const slots = shards.map((_, index) => holder().ask('CLUSTER', 'KEYSLOT', `{shard-${index + 1}}:leases`));
      expect(new Set(slots).size).toBe(3);
      await outlastLeases();
      const taken = await Promise.all(shards.map((leases) => leases.takeLapsed()));
      expect(taken.map((each) => each.map(({ sessionId }) => sessionId))).toEqual([['s-0'], ['s-1'], ['s-2']]);
    });
  });

  describe('a reaper takes the sessions of a dead host, and no live one,', () => {
    it('when a replica takes over', async () => {
      const [primary, replica] = await primaryAndReplica();
      using host = new BusyHost(await connect(), 'live');
      await host.isBusy();
      await renew(new RedisLeases(await connect(), { ttlMs: TTL_MS, hostId: 'dead' }), 'lost');
      await using reaper = new Reaper(await connect());
      replica.ask('CLUSTER', 'FAILOVER');
      await until(() => primary.ask('ROLE').startsWith('slave'));
      const { sent } = host.counts();
      await until(() => reaper.taken.length > 0 && host.counts().sent > sent);
      expect(reaper.takenIds).toEqual(['lost']);
    });

    it('when a primary dies and a replica takes over late', async () => {
      const [primary, replica] = await primaryAndReplica();
      using host = new BusyHost(await connect(), 'live');
      await host.isBusy();
      await renew(new RedisLeases(await connect(), { ttlMs: TTL_MS, hostId: 'dead' }), 'lost');
      await using reaper = new Reaper(await connect());
      await inSync(primary, replica);
      await primary.stop();
      await outlastLeases();
      replica.ask('CLUSTER', 'FAILOVER', 'TAKEOVER');
      await until(() => reaper.taken.length > 0);
      expect(reaper.takenIds).toEqual(['lost']);
      expect(host.counts().failed).toBeGreaterThan(0);
    });
  });
});

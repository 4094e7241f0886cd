import { afterAll, beforeAll, beforeEach, expect, it, describe } from '@jest/globals';
import type { Redis } from 'ioredis';
import { type LapsedLease, RedisLeases } from '../../src/redis/index.js';
import { describeWith } from '../support/needs.js';
import { until } from '../support/until.js';
import { connect, renew } from './fleet.js';
import { RedisServer } from './redis-server.js';

/** Long enough to stay, and so short that it has run out by the time that Redis answers again. */
const LONG_MS = 60_000;
const SHORT_MS = 1;

let server: RedisServer;
let client: Redis;

/** A host, or a reaper, whose leases last that long. */
function leasesFor(ttlMs: number, hostId = 'host-1', on = client): RedisLeases {
  return new RedisLeases(on, { ttlMs, hostId });
}

/** Takes leases until there are that many. */
async function take(reaper: RedisLeases, count: number): Promise<LapsedLease[]> {
  const taken: LapsedLease[] = [];
  await until(async () => {
    taken.push(...(await reaper.takeLapsed()));
    return taken.length >= count;
  });
  return taken;
}

async function redisNowMs(): Promise<number> {
  const [seconds, microseconds] = await client.time();
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
}

describeWith(['redis-server', 'redis-cli'], 'RedisLeases on a real Redis', () => {
  beforeAll(async () => {
    server = await RedisServer.start();
    client = await connect(server.port);
    // Each test makes its own leases on it.
    client.setMaxListeners(0);
  });

  afterAll(async () => {
    client.disconnect();
    await server.remove();
  });

  beforeEach(async () => {
    await client.flushall();
  });

  describe('a lease', () => {
    it('is not taken while it lasts', async () => {
      await renew(leasesFor(LONG_MS), 'a');
      expect(await leasesFor(LONG_MS).takeLapsed()).toEqual([]);
      expect(await client.zcard('{session-activity}:leases')).toBe(1);
    });

    it('is taken after it ran out, with its host and the times by the clock of Redis', async () => {
      const beforeMs = await redisNowMs();
      await renew(leasesFor(200), 'a');
      const afterMs = await redisNowMs();
      const [lapsed, ...others] = await take(leasesFor(LONG_MS), 1);
      expect(others).toEqual([]);
      expect(lapsed).toMatchObject({ sessionId: 'a', hostId: 'host-1' });
      expect(lapsed?.expiredAtMs).toBeGreaterThanOrEqual(beforeMs + 200);
      expect(lapsed?.expiredAtMs).toBeLessThanOrEqual(afterMs + 200);
      expect(lapsed?.takenAtMs).toBeGreaterThanOrEqual(Number(lapsed?.expiredAtMs));
    });

    it('lasts for a whole time to live after each renewal', async () => {
      await renew(leasesFor(SHORT_MS), 'a');
      await renew(leasesFor(LONG_MS), 'a');
      expect(await leasesFor(LONG_MS).takeLapsed()).toEqual([]);
    });

    it('is gone when it is released', async () => {
      const leases = leasesFor(SHORT_MS);
      await renew(leases, 'a');
      await renew(leases, 'b');
      await leases.release('a');
      expect(await take(leasesFor(LONG_MS), 1)).toMatchObject([{ sessionId: 'b' }]);
    });

    it('stays when a host releases a session that has moved to another', async () => {
      const [before, after] = [leasesFor(SHORT_MS, 'host-1'), leasesFor(SHORT_MS, 'host-2')];
      await renew(before, 'a');
      await renew(after, 'a');
      await before.release('a');
      expect(await take(leasesFor(LONG_MS), 1)).toMatchObject([{ sessionId: 'a', hostId: 'host-2' }]);
    });
  });

  describe('keys', () => {
    it('are three, and one is left when no session is busy', async () => {
      const leases = leasesFor(LONG_MS);
      await renew(leases, 'a');
      expect((await client.keys('*')).sort()).toEqual([
        '{session-activity}:hosts',
        '{session-activity}:leases',
        '{session-activity}:server',
      ]);
      await leases.release('a');
      expect(await client.keys('*')).toEqual(['{session-activity}:server']);
    });

    it('are gone, but for one, when the last lease was taken', async () => {
      await renew(leasesFor(SHORT_MS), 'a');
      await take(leasesFor(LONG_MS), 1);
      expect(await client.keys('*')).toEqual(['{session-activity}:server']);
    });

    it('begin with the prefix, so that fleets are apart', async () => {
      await renew(new RedisLeases(client, { ttlMs: SHORT_MS, prefix: 'fleet-1' }), 'a');
      await renew(new RedisLeases(client, { ttlMs: SHORT_MS, prefix: 'fleet-2' }), 'b');
      expect(await client.exists('{fleet-1}:leases', '{fleet-2}:leases')).toBe(2);
      expect(await take(new RedisLeases(client, { ttlMs: LONG_MS, prefix: 'fleet-2' }), 1)).toMatchObject([
        { sessionId: 'b' },
      ]);
    });

    it("keep the client's own prefix", async () => {
      const prefixed = await connect(server.port, { keyPrefix: 'app:' });
      await renew(leasesFor(SHORT_MS, 'host-1', prefixed), 'a');
      expect(await client.exists('app:{session-activity}:leases')).toBe(1);
      expect(await take(leasesFor(LONG_MS, 'reaper', prefixed), 1)).toMatchObject([{ sessionId: 'a' }]);
      prefixed.disconnect();
    });
  });

  describe('several reapers', () => {
    it('take each lapsed lease once between them', async () => {
      const host = leasesFor(SHORT_MS);
      const sessionIds = Array.from({ length: 2_000 }, (_, index) => `s-${index}`);
      await Promise.all(sessionIds.map((sessionId) => renew(host, sessionId)));
      const clients = await Promise.all(Array.from({ length: 4 }, () => connect(server.port)));
      const taken = await Promise.all(clients.map((each) => leasesFor(LONG_MS, 'reaper', each).takeLapsed()));
      for (const each of clients) each.disconnect();
      expect(
        taken
          .flat()
          .map(({ sessionId }) => sessionId)
          .sort(),
      ).toEqual(sessionIds.sort());
    });
  });

  describe('errors of Redis', () => {
    it('fail a send with their code', async () => {
      await client.set('{session-activity}:leases', 'something else');
      await expect(renew(leasesFor(LONG_MS), 'a')).rejects.toMatchObject({ code: 'WRONGTYPE' });
    });
  });
});

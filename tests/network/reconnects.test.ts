import assert from 'node:assert/strict';
import { describe, expect, it, jest } from '@jest/globals';
import type { Host, Transport } from './host.js';
import { until } from '../support/until.js';
import { startNetwork } from './network.js';
import type { Link } from './tcp-proxy.js';

jest.setTimeout(30_000);

const OPTIONS = { intervalMs: 50, sendTimeoutMs: 50 };

/** What happens to a connection, and whether its ends hear of it. */
const FAULTS: Readonly<Record<string, (link: Link) => void>> = {
  'a reset': (link) => link.reset(),
  'a cut': (link) => link.cut(),
  'a half-open connection': (link) => link.halfOpen(),
  'a delay of five intervals': (link) => link.delay(5 * OPTIONS.intervalMs),
};

function answersInTime(...transports: Transport[]): number {
  return transports.flatMap(({ sends }) => sends.filter(({ isInTime }) => isInTime)).length;
}

async function untilAlive(host: Host): Promise<void> {
  await until(() => answersInTime(host.latest) >= 2);
}

/** Every beat went over the connection of its moment, or was skipped, and the counts are right. */
function expectNothingLost(host: Host): void {
  expect(host.misdirected()).toEqual([]);
  const { keepalives } = host.tracker.snapshot();
  const sends = host.transports.flatMap((transport) => transport.sends);
  expect(keepalives.withheld).toBe(0);
  expect(sends.length + keepalives.skipped).toBe(host.named('session_keepalive_heartbeat').length);
  expect(keepalives.sent).toBe(answersInTime(...host.transports));
}

describe('a session that reconnects while work runs', () => {
  describe('has its keep-alives back within one interval of each reconnect', () => {
    describe.each(['late', 'at once'] as const)('unregistering what closed %s', (unregisters) => {
      it.each(Object.entries(FAULTS))('after %s', async (_name, befall) => {
        const { proxy, addHost } = await startNetwork();
        const host = addHost({ ...OPTIONS, unregisters, watchesAnswers: true });
        host.work();
        for (let round = 1; round <= 2; round++) {
          await untilAlive(host);
          const { number } = host.latest;
          for (const link of proxy.links) befall(link);
          await until(() => host.latest.number > number);
        }
        await untilAlive(host);
        expectNothingLost(host);
        expect(host.tracker.snapshot()).toMatchObject({ tracking: true, refcount: 1 });
      });
    });

    it('after an attempt that a deaf proxy left without an answer', async () => {
      const { proxy, addHost } = await startNetwork();
      const host = addHost({ ...OPTIONS, watchesAnswers: true });
      host.work();
      await untilAlive(host);
      proxy.isDeaf = true;
      const attempts = proxy.links.length;
      for (const link of proxy.links) link.reset();
      await until(() => proxy.links.length >= attempts + 2);
      proxy.isDeaf = false;
      await untilAlive(host);
      expectNothingLost(host);
      expect(host.named('registered').length).toBeLessThan(host.transports.length);
    });
  });

  describe('is not silenced', () => {
    it('by what an old transport unregisters late, however often', async () => {
      const { proxy, addHost } = await startNetwork();
      const host = addHost(OPTIONS);
      host.work();
      await untilAlive(host);
      const old = host.latest;
      const { registration } = old;
      assert(registration);
      proxy.links[0]?.reset();
      await until(() => host.latest !== old && host.tracker.isTrackingActive && host.latest.sends.length >= 1);
      for (let beats = 1; beats <= 5; beats++) {
        registration.unregister();
        expect(host.tracker.isTrackingActive).toBe(true);
        expect(host.tracker.snapshot().nextHeartbeatMs).toEqual(expect.any(Number));
        await until(() => host.latest.sends.length > beats);
      }
      expectNothingLost(host);
      expect(host.transports).toHaveLength(2);
    });
  });

  describe('beside others, while the network fails in every way', () => {
    it('loses no keep-alive of any session for longer', async () => {
      const { proxy, addHost } = await startNetwork();
      const unregisters = ['late', 'at once'] as const;
      const hosts = Array.from({ length: 8 }, (_, nth) =>
        addHost({ ...OPTIONS, unregisters: unregisters[nth % 2] ?? 'late', watchesAnswers: true }),
      );
      for (const host of hosts) host.work();
      await until(() => hosts.every(({ tracker }) => tracker.isTrackingActive));
      const faults = Object.values(FAULTS);
      // The oldest connection that nothing has befallen yet: so each session's comes, before any comes again.
      const befallen = new Set<Link>();
      const next = (): Link | undefined => proxy.links.find((link) => link.isUp && !befallen.has(link));
      for (let nth = 0; nth < 32; nth++) {
        const entries = hosts[0]?.timeline.length ?? 0;
        await until(() => next() !== undefined);
        const link = next();
        const befall = faults[nth % faults.length];
        assert(link && befall);
        befall(link);
        befallen.add(link);
        await until(() => (hosts[0]?.timeline.length ?? 0) > entries);
      }
      const answered = hosts.map((host) => answersInTime(...host.transports));
      await until(() => hosts.every((host, nth) => answersInTime(...host.transports) >= (answered[nth] ?? 0) + 2));
      for (const host of hosts) expectNothingLost(host);
      for (const { transports } of hosts) expect(transports.length).toBeGreaterThanOrEqual(2);
    });
  });
});

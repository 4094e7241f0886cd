import { describe, expect, it, jest } from '@jest/globals';
import { FAILED, RECOVERED } from '../support/observed-tracker.js';
import { until } from '../support/until.js';
import { startNetwork } from './network.js';

jest.setTimeout(30_000);

const OPTIONS = { intervalMs: 50, sendTimeoutMs: 50 };

function reasonOf(signal: AbortSignal | undefined): string | undefined {
  return (signal?.reason as Error | undefined)?.name;
}

describe('a send that hangs', () => {
  describe('over a half-open connection', () => {
    it('is given up at its deadline and never blocks the next over the same connection', async () => {
      const { proxy, addHost } = await startNetwork();
      const host = addHost({ ...OPTIONS, sendTimeoutMs: 20 });
      await until(() => host.tracker.isTrackingActive);
      proxy.links[0]?.halfOpen();
      host.work();
      await until(() => host.latest.sends.length >= 6);
      const givenUp = host.latest.sends.slice(0, -1);
      expect(givenUp.map(({ signal }) => reasonOf(signal))).toEqual(givenUp.map(() => 'TimeoutError'));
      expect(host.latest.sends.filter((send) => send.isAnswered)).toEqual([]);
      expect(host.tracker.snapshot().keepalives).toMatchObject({ sent: 0, withheld: 0 });
      expect(host.named(FAILED).map(({ data }) => data)).toEqual([{ outcome: 'timeout', error_code: null }]);
      expect(host.misdirected()).toEqual([]);
    });

    it('is aborted by the next transport, which has the next beat even before the deadline', async () => {
      const patient = { intervalMs: 200, sendTimeoutMs: 200 };
      const { proxy, addHost } = await startNetwork();
      const host = addHost(patient);
      await until(() => host.tracker.isTrackingActive);
      const old = host.latest;
      proxy.links[0]?.halfOpen();
      host.work();
      await until(() => (host.tracker.snapshot().nextHeartbeatMs ?? 0) <= 150);
      host.tracker.sendSignal();
      host.connect();
      await until(() => host.latest.sends.some((send) => send.isInTime));
      expect(old.sends.length).toBeGreaterThanOrEqual(1);
      expect(old.sends.filter(({ signal, isAnswered }) => !signal.aborted || isAnswered)).toEqual([]);
      expect(old.socket.readyState).toBe(old.socket.OPEN);
      expect(host.misdirected()).toEqual([]);

      const next = host.timeline.findIndex(({ what, transport }) => what === 'registered' && transport === 1);
      const sent = host.timeline.slice(next).filter(({ what }) => what === 'sent');
      expect(sent.filter(({ transport }) => transport !== 1)).toEqual([]);
    });
  });

  describe('over a delayed connection', () => {
    it('fails at its deadline, whatever comes later, until the delay is over', async () => {
      const { proxy, addHost } = await startNetwork();
      const host = addHost({ ...OPTIONS, sendTimeoutMs: 30 });
      await until(() => host.tracker.isTrackingActive);
      const [link] = proxy.links;
      link?.delay(2 * OPTIONS.intervalMs);
      host.work();
      await until(() => host.latest.sends.filter((send) => send.isAnswered).length >= 3);
      const late = host.latest.sends.filter((send) => send.isAnswered);
      expect(late.map((send) => send.isInTime)).toEqual(late.map(() => false));
      expect(host.tracker.snapshot().keepalives.sent).toBe(0);

      link?.delay(0);
      await until(() => host.named(RECOVERED).length > 0);
      const [failed, recovered] = host.timeline.filter(({ what }) => what === FAILED || what === RECOVERED);
      expect(failed).toMatchObject({ what: FAILED, data: { outcome: 'timeout', error_code: null } });
      expect(recovered?.what).toBe(RECOVERED);
      const failures = host.latest.sends.findIndex((send) => send.isInTime);
      expect(recovered?.data).toEqual({ failures });
      expect(host.misdirected()).toEqual([]);
    });

    it('and is answered after another transport took over counts for nothing', async () => {
      const { proxy, addHost } = await startNetwork();
      const host = addHost(OPTIONS);
      await until(() => host.tracker.isTrackingActive);
      const old = host.latest;
      proxy.links[0]?.delay(4 * OPTIONS.intervalMs);
      host.work();
      await until(() => old.sends.length >= 1);
      host.connect();
      await until(() => old.sends.every((send) => send.isAnswered) && host.latest.sends.length >= 3);
      const inTime = host.latest.sends.filter((send) => send.isInTime).length;
      expect(host.tracker.snapshot().keepalives.sent).toBe(inTime);
      expect(old.sends.filter((send) => send.isInTime)).toEqual([]);
    });
  });
});

import { describe, expect, it, jest } from '@jest/globals';
import { until } from '../support/until.js';
import { startNetwork } from './network.js';

jest.setTimeout(30_000);

const OPTIONS = { intervalMs: 50, sendTimeoutMs: 50 };
/** Of 50 ms each. */
const MAX_SILENT_TICKS = 6;

describe('a session behind a proxy that cuts silent connections', () => {
  it('keeps its connection while work runs, and loses it when none does', async () => {
    const { proxy, addHost } = await startNetwork(MAX_SILENT_TICKS);
    const host = addHost(OPTIONS);
    await until(() => host.tracker.isTrackingActive);
    const [link] = proxy.links;
    const activity = host.work();
    await until(() => host.latest.sends.length >= 3 * MAX_SILENT_TICKS);
    expect(link?.isUp).toBe(true);
    expect(host.transports).toHaveLength(1);
    expect(host.misdirected()).toEqual([]);

    activity.stop();
    const sends = host.latest.sends.length;
    await until(() => link?.isUp === false);
    expect(host.transports[0]?.sends).toHaveLength(sends);
    expect(host.named('session_idle_50ms')).toHaveLength(1);
  });

  it('is cut again and again while it is idle, and keeps the first connection on which work runs', async () => {
    const { proxy, addHost } = await startNetwork(MAX_SILENT_TICKS);
    const host = addHost(OPTIONS);
    await until(() => host.transports.length === 3 && host.tracker.isTrackingActive);
    expect(host.transports.flatMap(({ sends }) => sends)).toEqual([]);
    host.work();
    await until(() => host.latest.sends.length >= 2 * MAX_SILENT_TICKS);
    expect(proxy.links.filter(({ isUp }) => isUp)).toHaveLength(1);
    expect(host.transports).toHaveLength(3);
  });
});

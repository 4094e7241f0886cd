import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { SessionActivityHub } from '../../src/hub/index.js';
import { NOT_SENT } from '../../src/index.js';
import { instrumentSessionActivity } from '../../src/opentelemetry/index.js';
import { addSession } from '../hub/hub-session.js';

/** A host that Prometheus scrapes over HTTP. */
async function createScrapedHost(): Promise<
  AsyncDisposable & { hub: SessionActivityHub; provider: MeterProvider; scrape: () => Promise<string> }
> {
  const hub = new SessionActivityHub();
  const exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutTargetInfo: true,
    withoutScopeInfo: true,
  });
  const provider = new MeterProvider({ readers: [exporter] });
  const server = createServer((request, response) => exporter.getMetricsRequestHandler(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    hub,
    provider,
    scrape: async () => {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } });
      return await response.text();
    },
    [Symbol.asyncDispose]: async () => {
      await provider.shutdown();
      await once(server.close(), 'close');
    },
  };
}

describe('instrumentSessionActivity', () => {
  describe('scraped by Prometheus', () => {
    it('exports every time series of a host, keeps the totals of ended sessions, and does not change once stopped', async () => {
      await using host = await createScrapedHost();
      const { hub, scrape } = host;
      const stop = instrumentSessionActivity(hub, host.provider.getMeter('host'), { maxReasons: 2 });
      const oldest = addSession(hub, 'oldest', { intervalMs: 1000 });
      const newer = addSession(hub, 'newer', { maxActivityMs: 1 });
      const newest = addSession(hub, 'newest');
      addSession(hub, 'idle');

      oldest.tracker.registerCallback(() => undefined);
      oldest.tracker.start('api_call');
      oldest.clock.advance(2000);
      oldest.clock.stall(1500);
      oldest.clock.advance(0);
      oldest.gate.close();
      oldest.tracker.sendSignal();
      newer.tracker.start('tool "x"');
      newer.clock.advance(2);
      newest.tracker.registerCallback(() => NOT_SENT);
      newest.tracker.sendSignal();
      newest.tracker.registerCallback(() => Promise.reject(new Error('down')));
      newest.tracker.sendSignal();
      newest.tracker.sendSignal();
      for (const reason of ['import', 'export']) newest.tracker.start(reason);
      expect(await scrape()).toBe(BUSY);

      newest.remove();
      newest.tracker.dispose();
      oldest.tracker.dispose();
      newer.tracker.stop('tool "x"');
      expect(await scrape()).toBe(ENDED);
      stop();
      addSession(hub, 'another');
      expect(await scrape()).toBe(ENDED);
    });
  });
});

const BUSY = `# HELP session_activity_session_count Number of sessions by state.
# UNIT session_activity_session_count {session}
# TYPE session_activity_session_count gauge
session_activity_session_count{session_activity_session_state="busy"} 3
session_activity_session_count{session_activity_session_state="idle"} 1
# HELP session_activity_activity_count Number of running activities by reason.
# UNIT session_activity_activity_count {activity}
# TYPE session_activity_activity_count gauge
session_activity_activity_count{session_activity_activity_reason="api_call"} 1
session_activity_activity_count{session_activity_activity_reason="tool \\"x\\""} 1
session_activity_activity_count{session_activity_activity_reason="_OTHER"} 2
# HELP session_activity_activity_overdue Number of running activities that are overdue.
# UNIT session_activity_activity_overdue {activity}
# TYPE session_activity_activity_overdue gauge
session_activity_activity_overdue 1
# HELP session_activity_busy_period_oldest_age Age of the oldest busy period of a session, 0 when no session is busy.
# UNIT session_activity_busy_period_oldest_age s
# TYPE session_activity_busy_period_oldest_age gauge
session_activity_busy_period_oldest_age 3.5
# HELP session_activity_keepalives_total Number of keep-alives by outcome.
# UNIT session_activity_keepalives_total {keepalive}
# TYPE session_activity_keepalives_total counter
session_activity_keepalives_total{session_activity_keepalive_outcome="sent"} 3
session_activity_keepalives_total{session_activity_keepalive_outcome="failed"} 1
session_activity_keepalives_total{session_activity_keepalive_outcome="skipped"} 1
session_activity_keepalives_total{session_activity_keepalive_outcome="withheld"} 1
session_activity_keepalives_total{session_activity_keepalive_outcome="unsent"} 1
# HELP session_activity_late_heartbeats_total Number of heartbeats that came late by a tenth of their interval or more.
# UNIT session_activity_late_heartbeats_total {heartbeat}
# TYPE session_activity_late_heartbeats_total counter
session_activity_late_heartbeats_total 1
`;

/** After `newest` was removed, `oldest` was disposed and `newer` became idle. */
const ENDED = `# HELP session_activity_session_count Number of sessions by state.
# UNIT session_activity_session_count {session}
# TYPE session_activity_session_count gauge
session_activity_session_count{session_activity_session_state="busy"} 0
session_activity_session_count{session_activity_session_state="idle"} 2
# HELP session_activity_activity_count Number of running activities by reason.
# UNIT session_activity_activity_count {activity}
# TYPE session_activity_activity_count gauge
session_activity_activity_count{session_activity_activity_reason="api_call"} 0
session_activity_activity_count{session_activity_activity_reason="tool \\"x\\""} 0
session_activity_activity_count{session_activity_activity_reason="_OTHER"} 0
# HELP session_activity_activity_overdue Number of running activities that are overdue.
# UNIT session_activity_activity_overdue {activity}
# TYPE session_activity_activity_overdue gauge
session_activity_activity_overdue 0
# HELP session_activity_busy_period_oldest_age Age of the oldest busy period of a session, 0 when no session is busy.
# UNIT session_activity_busy_period_oldest_age s
# TYPE session_activity_busy_period_oldest_age gauge
session_activity_busy_period_oldest_age 0
# HELP session_activity_keepalives_total Number of keep-alives by outcome.
# UNIT session_activity_keepalives_total {keepalive}
# TYPE session_activity_keepalives_total counter
session_activity_keepalives_total{session_activity_keepalive_outcome="sent"} 3
session_activity_keepalives_total{session_activity_keepalive_outcome="failed"} 1
session_activity_keepalives_total{session_activity_keepalive_outcome="skipped"} 1
session_activity_keepalives_total{session_activity_keepalive_outcome="withheld"} 1
session_activity_keepalives_total{session_activity_keepalive_outcome="unsent"} 1
# HELP session_activity_late_heartbeats_total Number of heartbeats that came late by a tenth of their interval or more.
# UNIT session_activity_late_heartbeats_total {heartbeat}
# TYPE session_activity_late_heartbeats_total counter
session_activity_late_heartbeats_total 1
`;

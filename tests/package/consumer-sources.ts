/**
 * What users of the package write, by the name of the file. Strings, since they compile in a project of their own that
 * has the package from its tarball, and not here.
 */
export const CONSUMER_SOURCES = {
  'by-hand.ts': `
    import {
      type Activity,
      type ActivityCounts,
      bindDiagnostics,
      type Clock,
      type DiagnosticsLogger,
      type Keepalive,
      type KeepaliveGate,
      type KeepaliveRegistration,
      type KeepaliveSend,
      NullDiagnosticsLogger,
      SessionActivityTracker,
      type SessionActivitySnapshot,
      type TrackerOptions,
    } from 'session-activity-tracker';
    import { type HubSession, type HubTotals, SessionActivityHub } from 'session-activity-tracker/hub';
    import { type LapsedLease, type LeaseClient, RedisLeases } from 'session-activity-tracker/redis';
    import {
      combineSenders,
      holdLease,
      httpKeepalive,
      type HttpKeepaliveOptions,
      type Lease,
      mcpProgress,
      sseComment,
      webSocketPing,
    } from 'session-activity-tracker/senders';
    import { ManualClock, SwitchableKeepaliveGate } from 'session-activity-tracker/testing';

    type Reason = 'upload' | 'download';
    const clock: Clock & ManualClock = new ManualClock();
    const diagnostics: DiagnosticsLogger = bindDiagnostics(new NullDiagnosticsLogger(), { session_id: 's-1' });
    const gate: KeepaliveGate = new SwitchableKeepaliveGate();
    const options: TrackerOptions = { intervalMs: 1000, cadence: 'steady' };
    const tracker = new SessionActivityTracker<Reason>(clock, diagnostics, gate, { register: () => () => {} }, options);

    const counts: ActivityCounts<Reason>[] = [];
    const send: KeepaliveSend<Reason> = ({ active, signal }: Keepalive<Reason>) => {
      const aborted: boolean = signal.aborted;
      signal.addEventListener('abort', () => {}, { once: true });
      if (!aborted) counts.push(active);
    };
    const registration: KeepaliveRegistration = tracker.registerCallback(send);
    const activity: Activity<Reason> = tracker.start('upload');
    export const answer: number = tracker.run('download', () => 42);
    export const later: Promise<string> = tracker.run('download', async () => 'done');
    export const uploads: number | undefined = counts[0]?.upload;
    export const snapshot: SessionActivitySnapshot<Reason> = tracker.snapshot();
    activity[Symbol.dispose]();
    registration.unregister();

    const hub = new SessionActivityHub();
    const remove: () => void = hub.add('s-1', tracker);
    export const sessions: HubSession[] = [...hub];
    export const totals: HubTotals = hub.totals(sessions);
    remove();

    const client: LeaseClient = {
      status: 'ready',
      on: () => undefined,
      pipeline: () => ({ eval: () => undefined, exec: async () => null }),
    };
    const leases = new RedisLeases(client, { ttlMs: 90_000, hostId: 'host-1', prefix: 'fleet' });
    tracker.registerCallback(leases.sender('s-1'));
    export const lapsed: Promise<LapsedLease[]> = leases.release('s-1').then(() => leases.takeLapsed());

    const bytes = { write: async (_chunk: Uint8Array) => {}, ready: Promise.resolve(), closed: Promise.resolve() };
    const request: HttpKeepaliveOptions = { method: 'PUT', headers: async () => ({ a: 'b' }), body: 'alive', fetch };
    const lease: Lease = holdLease(tracker, { renew: httpKeepalive('https://example.com/lease'), release: () => {} });
    const senders: KeepaliveSend[] = [
      webSocketPing({ readyState: 1, bufferedAmount: 0, send: () => {} }, { message: 'alive' }),
      sseComment(bytes),
      mcpProgress({ sendNotification: async () => {} }, { latest: () => ({ progress: 1 }) }),
      httpKeepalive('https://example.com/alive', request),
      combineSenders(lease.send, () => {}),
    ];
    for (const each of senders) tracker.registerCallback(each);

    // @ts-expect-error Not a method of a keep-alive.
    httpKeepalive('https://example.com/alive', { method: 'GET' });
    // @ts-expect-error A reason that the host does not have.
    tracker.start('api_call');
    // @ts-expect-error An option that there is not.
    new SessionActivityTracker(clock, diagnostics, gate, { register: () => () => {} }, { interval: 1 });
  `,
  'with-web-streams.ts': `
    import type { KeepaliveSend, SessionActivityTracker } from 'session-activity-tracker';
    import { httpKeepalive, SSE_HEADERS, sseComment } from 'session-activity-tracker/senders';

    export function sendersOf(stream: WritableStream<Uint8Array>): KeepaliveSend[] {
      const { signal } = new AbortController();
      const accept = async (response: Response): Promise<boolean> => (await response.text()) === 'ok';
      return [sseComment(stream.getWriter()), httpKeepalive(new URL('https://example.com/alive'), { signal, accept })];
    }
    export const headers = new Response(null, { headers: SSE_HEADERS }).headers;
    export const send: KeepaliveSend = async ({ signal }) => {
      const own: AbortSignal = signal;
      await fetch('http://localhost/keep-alive', { method: 'POST', signal });
      own.throwIfAborted();
    };
    export async function untilIdle(tracker: SessionActivityTracker): Promise<void> {
      await tracker.whenIdle({ signal: new AbortController().signal });
      // @ts-expect-error Not a signal.
      await tracker.whenIdle({ signal: 'now' });
    }
  `,
  'with-a-container.ts': `
    import { pino } from 'pino';
    import { container, delay, inject, injectable } from 'tsyringe';
    import { metrics } from '@opentelemetry/api';
    import {
      CLOCK,
      createSessionContainer,
      PinoDiagnosticsLogger,
      registerSessionActivity,
      SessionActivityTracker,
      SystemClock,
    } from 'session-activity-tracker';
    import { SessionActivityHub } from 'session-activity-tracker/hub';
    import { instrumentSessionActivity } from 'session-activity-tracker/opentelemetry';

    export const stop: () => void = instrumentSessionActivity(new SessionActivityHub(), metrics.getMeter('host'));

    registerSessionActivity(container, { diagnostics: new PinoDiagnosticsLogger(pino()), clock: new SystemClock() });
    const session = createSessionContainer(container, { options: { jitter: 0.1 } });
    export const nowMs: number = session.resolve(CLOCK).now();
    export const tracker = session.resolve<SessionActivityTracker>(SessionActivityTracker);
    using activity = tracker.start('api_call');
    activity.stop();

    @injectable()
    export class Host {
      constructor(@inject(delay(() => SessionActivityTracker)) readonly tracker: SessionActivityTracker) {}
    }
  `,
  'common-js.cts': `
    import library = require('session-activity-tracker');
    import testing = require('session-activity-tracker/testing');
    import hubs = require('session-activity-tracker/hub');
    import senders = require('session-activity-tracker/senders');
    import opentelemetry = require('session-activity-tracker/opentelemetry');
    import api = require('@opentelemetry/api');

    const { tracker }: testing.TestTracker<'upload'> = testing.createTestTracker<'upload'>();
    export const snapshot: library.SessionActivitySnapshot<'upload'> = tracker.snapshot();
    export const send: library.KeepaliveSend = senders.httpKeepalive(new URL('https://example.com/alive'));
    const hub: hubs.SessionActivityHub = new hubs.SessionActivityHub();
    export const stop: () => void = opentelemetry.instrumentSessionActivity(hub, api.metrics.getMeter('host'));
  `,
};

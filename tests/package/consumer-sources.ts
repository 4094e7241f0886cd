/**
 * What users of the package write, by the name of the file. Strings, since they compile in a project of their own that
 * has the package from its tarball, and not here.
 */
export const CONSUMER_SOURCES = {
  'everywhere.ts': `
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

    // @ts-expect-error A reason that the host does not have.
    tracker.start('api_call');
    // @ts-expect-error An option that there is not.
    new SessionActivityTracker(clock, diagnostics, gate, { register: () => () => {} }, { interval: 1 });
  `,
  'with-a-platform.ts': `
    import type { KeepaliveSend, SessionActivityTracker } from 'session-activity-tracker';

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
  'with-node.ts': `
    import { pino } from 'pino';
    import { container, delay, inject, injectable } from 'tsyringe';
    import {
      CLOCK,
      createSessionContainer,
      PinoDiagnosticsLogger,
      registerSessionActivity,
      SessionActivityTracker,
      SystemClock,
    } from 'session-activity-tracker';

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

    const { tracker }: testing.TestTracker<'upload'> = testing.createTestTracker<'upload'>();
    export const snapshot: library.SessionActivitySnapshot<'upload'> = tracker.snapshot();
  `,
};

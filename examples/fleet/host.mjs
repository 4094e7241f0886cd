// One host of the fleet. Arguments: its id, and Redis' port.
import 'reflect-metadata';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { registerSessionActivity, SESSION_ACTIVITY_HUB, StaticKeepaliveGate } from 'session-activity-tracker';
import { SessionActivityHub } from 'session-activity-tracker/hub';
import { container } from 'tsyringe';
import { answerParent } from './child.mjs';
import { LeaseKeeper } from './lease-keeper.mjs';
import { connect } from './lease-store.mjs';
import { OPTIONS, SESSIONS, SESSIONS_PER_HOST, SHORT_WORK_MS, TTL_MS } from './plan.mjs';
import { Session } from './session.mjs';

const [hostId = '', port] = process.argv.slice(2);
const redis = connect(Number(port));
await once(redis, 'ready');

const hub = new SessionActivityHub();
const leases = new LeaseKeeper(redis, hostId, TTL_MS);
/** @type {Record<string, Record<string, number>>} by event and session */
const counts = { session_keepalive_failed: {}, session_keepalive_recovered: {} };

container.registerInstance(SESSION_ACTIVITY_HUB, hub);
registerSessionActivity(container, {
  gate: new StaticKeepaliveGate(true),
  options: OPTIONS,
  diagnostics: {
    log: (_level, event, data) => {
      const bySession = counts[event];
      const sessionId = String(data?.['session_id']);
      if (bySession) bySession[sessionId] = (bySession[sessionId] ?? 0) + 1;
    },
  },
});
const sessions = Array.from(
  { length: SESSIONS_PER_HOST },
  (_, index) => new Session(`${hostId}/${index}`, container, leases),
);

/** @typedef {ReturnType<typeof report>} HostReport */

function report() {
  return {
    hostId,
    sent: leases.sent,
    sessions: hub.sessions().map(({ sessionId, snapshot }) => ({
      sessionId,
      busy: snapshot.refcount > 0,
      failed: counts['session_keepalive_failed']?.[sessionId] ?? 0,
      recovered: counts['session_keepalive_recovered']?.[sessionId] ?? 0,
    })),
  };
}

answerParent({
  report,
  work: () => {
    for (const session of sessions.slice(0, SESSIONS.busy)) void session.run(() => new Promise(() => {}));
    for (const session of sessions.slice(SESSIONS.busy, -SESSIONS.idle)) void session.run(() => sleep(SHORT_WORK_MS));
    return hub.busyCount;
  },
});

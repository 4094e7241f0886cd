// One host of the fleet. Arguments: its id and the port of Redis.
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import {
  createSessionContainer,
  registerSessionActivity,
  SessionActivityTracker,
  StaticKeepaliveGate,
} from 'session-activity-tracker';
import { SessionActivityHub } from 'session-activity-tracker/hub';
import { RedisLeases } from 'session-activity-tracker/redis';
import { container } from 'tsyringe';
import { answerParent } from './child-process.mjs';
import { LOG_FILE, OPTIONS, SESSIONS, SESSIONS_PER_HOST, SHORT_WORK_MS, TRACED_EVERY, TTL_MS } from './plan.mjs';
import { connect } from './redis-server.mjs';

const [hostId = '', port] = process.argv.slice(2);
const hub = new SessionActivityHub();
const leases = new RedisLeases(await connect(Number(port)), { ttlMs: TTL_MS, hostId });

// Synchronous, so that nothing is lost when the host is killed.
const log = pino({ level: 'debug' }, pino.destination({ dest: LOG_FILE, sync: true }));
/** @type {Set<unknown>} */
const traced = new Set();

/** The sessions that logged these events since the last `forget`. */
const loggedBy = { session_keepalive_failed: new Set(), session_keepalive_recovered: new Set() };

registerSessionActivity(container, {
  hub,
  gate: new StaticKeepaliveGate(true),
  options: OPTIONS,
  diagnostics: {
    log: (level, event, data) => {
      loggedBy[event]?.add(data.session_id);
      if (traced.has(data.session_id)) log[level](data, event);
    },
  },
});

const trackers = Array.from({ length: SESSIONS_PER_HOST }, (_, index) =>
  createTracker(`${hostId}/${index}`, index % TRACED_EVERY === 0),
);

/**
 * @param {string} sessionId
 * @param {boolean} trace
 */
function createTracker(sessionId, trace) {
  if (trace) traced.add(sessionId);
  /** @type {SessionActivityTracker} */
  const tracker = createSessionContainer(container, { sessionId, options: { ...OPTIONS, trace } }).resolve(
    SessionActivityTracker,
  );
  tracker.registerCallback(leases.sender(sessionId));
  tracker.observe((state) => {
    if (state !== 'busy') void leases.release(sessionId);
  });
  return tracker;
}

/** @typedef {ReturnType<typeof report>} HostReport */

function report() {
  return {
    sessions: hub.size,
    busy: hub.busyCount,
    sent: hub.totals().keepalives.sent,
    failed: loggedBy.session_keepalive_failed.size,
    recovered: loggedBy.session_keepalive_recovered.size,
  };
}

answerParent({
  report,
  forget: () => {
    for (const sessionIds of Object.values(loggedBy)) sessionIds.clear();
    return true;
  },
  work: () => {
    for (const tracker of trackers.slice(0, SESSIONS.busy)) tracker.start('tool_exec');
    for (const tracker of trackers.slice(SESSIONS.busy, -SESSIONS.idle)) {
      void tracker.run('tool_exec', () => sleep(SHORT_WORK_MS));
    }
    return hub.busyCount;
  },
});

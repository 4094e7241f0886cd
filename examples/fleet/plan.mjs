import { fileURLToPath } from 'node:url';

/** The hosts, one process each, and which of them is killed. */
export const HOSTS = ['host-1', 'host-2', 'host-3'];
export const KILLED = 'host-2';

/** What the sessions of a host do: work throughout, finish after `SHORT_WORK_MS`, or never have any work. */
export const SESSIONS = { busy: 6_000, short: 2_000, idle: 2_000 };
export const SESSIONS_PER_HOST = SESSIONS.busy + SESSIONS.short + SESSIONS.idle;

/**
 * A session takes its lease when work begins (`'steady'`), and renewals are spread over the interval (`jitter`). A send
 * may take a whole interval, because answers can be slow on a busy machine.
 */
export const INTERVAL_MS = 3_000;
/** @type {import('session-activity-tracker').TrackerOptions} */
export const OPTIONS = { intervalMs: INTERVAL_MS, sendTimeoutMs: INTERVAL_MS, cadence: 'steady', jitter: 1 };

/** Longer than an interval, so that every session has sent a second heartbeat by then. */
export const SHORT_WORK_MS = INTERVAL_MS + 500;

/** The hosts log every event of one session in `TRACED_EVERY` to this file. */
export const LOG_FILE = fileURLToPath(new URL('diagnostics.jsonl', import.meta.url));
export const TRACED_EVERY = 1_000;

/** How long a lease lasts without a renewal: long enough for a host on a busy machine. */
export const TTL_MS = 4 * INTERVAL_MS;

/** How often the reaper looks for lapsed leases. */
export const POLL_MS = 500;

/** How long Redis is down: longer than any lease lasts. */
export const DOWN_MS = TTL_MS + 1_000;

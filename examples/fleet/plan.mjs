/** The hosts, one process each, and which of them is killed. */
export const HOSTS = ['host-1', 'host-2', 'host-3'];
export const KILLED = 'host-2';

/** What the sessions of a host do: work throughout, finish after `SHORT_WORK_MS`, or never have any work. */
export const SESSIONS = { busy: 600, short: 200, idle: 200 };
export const SESSIONS_PER_HOST = SESSIONS.busy + SESSIONS.short + SESSIONS.idle;
export const SHORT_WORK_MS = 2_500;

/** A send has the whole interval: on a busy machine, an answer may take long to be read. */
export const INTERVAL_MS = 1_000;
export const OPTIONS = { intervalMs: INTERVAL_MS, sendTimeoutMs: INTERVAL_MS };

/** How long a lease holds without being refreshed: two refreshes may get lost. */
export const TTL_MS = 3 * INTERVAL_MS;

/** How often the reaper looks. */
export const POLL_MS = 200;

/** A session is reaped so long after its lease ran out, at the latest: a look may come late on a busy machine. */
export const SEEN_WITHIN_MS = POLL_MS + 500;

import { activityStatus, type ActivitySource, assertSource } from './activity-status.js';

/** What Amazon Bedrock AgentCore expects of `GET /ping`. */
export interface AgentCorePing {
  /** `'HealthyBusy'` while an activity runs that is not overdue. AgentCore does not count such a session as idle. */
  readonly status: 'Healthy' | 'HealthyBusy';
  /** When the status last changed, in whole seconds of Unix time. */
  readonly time_of_last_update: number;
}

/**
 * Makes the answers to Amazon Bedrock AgentCore's `GET /ping`.
 *
 * `time_of_last_update` moves only when a poll finds another status than the one before: a time that moved at every poll
 * would keep an idle session alive for ever. It is then the time at which the status began.
 *
 * @returns a function that gives the answer to one poll, as a frozen object.
 * @throws TypeError when `source` is neither a tracker nor a hub.
 *
 * @example
 * ```ts
 * const ping = agentCorePing(tracker);
 * app.get('/ping', (request, response) => response.json(ping()));
 * ```
 */
export function agentCorePing(source: ActivitySource): () => AgentCorePing {
  assertSource(source);
  let last: AgentCorePing | undefined;
  return () => {
    const { status, busyMs, idleMs } = activityStatus(source);
    const health = status === 'busy' ? 'HealthyBusy' : 'Healthy';
    if (last?.status === health) return last;
    const sinceMs = Date.now() - (busyMs ?? idleMs ?? 0);
    last = Object.freeze({ status: health, time_of_last_update: Math.floor(sinceMs / 1000) });
    return last;
  };
}

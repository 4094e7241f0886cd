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
 * `time_of_last_update` moves only when a poll finds another status than the one before: a time that moved at every
 * poll would keep an idle session alive for ever. It is then the time at which the status began; where all work has
 * become overdue, the time of the poll that found it so.
 *
 * @returns the function that makes the answer to one poll, a plain object.
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
  let status: AgentCorePing['status'] | undefined;
  let sinceSeconds = 0;
  return () => {
    const { status: activity, busyMs, idleMs } = activityStatus(source);
    const current = activity === 'busy' ? 'HealthyBusy' : 'Healthy';
    if (current !== status) {
      status = current;
      sinceSeconds = Math.floor((Date.now() - (busyMs ?? idleMs ?? 0)) / 1000);
    }
    return { status, time_of_last_update: sinceSeconds };
  };
}

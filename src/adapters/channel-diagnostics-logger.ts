import { channel } from 'node:diagnostics_channel';
import type { DiagnosticsData, DiagnosticsLevel, DiagnosticsLogger } from '../ports/diagnostics-logger.js';

// A module constant: a channel that nobody references may be collected together with its subscribers.
const CHANNEL = channel('session-activity-tracker');

/**
 * Publishes `{ level, event, data }` on the `node:diagnostics_channel` named `session-activity-tracker`; an event
 * without data has no `data` field. Nearly free while nobody subscribes. A subscriber must not throw: Node reports that
 * as uncaught.
 *
 * @see https://nodejs.org/api/diagnostics_channel.html
 */
export class ChannelDiagnosticsLogger implements DiagnosticsLogger {
  log(level: DiagnosticsLevel, event: string, data?: DiagnosticsData): void {
    if (CHANNEL.hasSubscribers) CHANNEL.publish(data === undefined ? { level, event } : { level, event, data });
  }
}

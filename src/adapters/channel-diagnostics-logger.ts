import { channel } from 'node:diagnostics_channel';
import type { DiagnosticsData, DiagnosticsLevel, DiagnosticsLogger } from '../ports/diagnostics-logger.js';

// Held by the module: a channel that nobody references may be collected together with its subscribers.
const CHANNEL = channel('session-activity-tracker');

/**
 * Publishes `{ level, event, data }` on the `node:diagnostics_channel` named `session-activity-tracker`; an event without
 * data has no `data`. Nearly free while nobody subscribes. What a subscriber throws is uncaught: Node reports it so.
 *
 * @see https://nodejs.org/api/diagnostics_channel.html
 */
export class ChannelDiagnosticsLogger implements DiagnosticsLogger {
  log(level: DiagnosticsLevel, event: string, data?: DiagnosticsData): void {
    if (CHANNEL.hasSubscribers) CHANNEL.publish(data === undefined ? { level, event } : { level, event, data });
  }
}

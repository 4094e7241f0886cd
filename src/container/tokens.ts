import type { InjectionToken } from 'tsyringe';
import type { SessionActivityHub } from '../hub/session-activity-hub.js';
import type { CleanupRegistry } from '../ports/cleanup-registry.js';
import type { Clock } from '../ports/clock.js';
import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import type { KeepaliveGate } from '../ports/keepalive-gate.js';
import type { TrackerOptions } from '../tracker/options.js';

// Registered symbols, so that two copies of this package agree on them.

/** The container's token for the {@link Clock}. */
export const CLOCK: InjectionToken<Clock> = Symbol.for('session-activity-tracker/clock');

/** The container's token for the {@link DiagnosticsLogger}. */
export const DIAGNOSTICS_LOGGER: InjectionToken<DiagnosticsLogger> = Symbol.for(
  'session-activity-tracker/diagnostics-logger',
);

/** The container's token for the {@link KeepaliveGate}. */
export const KEEPALIVE_GATE: InjectionToken<KeepaliveGate> = Symbol.for('session-activity-tracker/keepalive-gate');

/** The container's token for the {@link CleanupRegistry}. */
export const CLEANUP_REGISTRY: InjectionToken<CleanupRegistry> = Symbol.for(
  'session-activity-tracker/cleanup-registry',
);

/** The container's token for the {@link TrackerOptions}. */
export const TRACKER_OPTIONS: InjectionToken<TrackerOptions> = Symbol.for('session-activity-tracker/tracker-options');

/** The container's token for the {@link SessionActivityHub}. Nothing is registered for it unless the host does. */
export const SESSION_ACTIVITY_HUB: InjectionToken<SessionActivityHub> = Symbol.for(
  'session-activity-tracker/session-activity-hub',
);

import type { InjectionToken } from 'tsyringe';
import type { CleanupRegistry } from './cleanup-registry.js';
import type { Clock } from './clock.js';
import type { DiagnosticsLogger } from './diagnostics-logger.js';
import type { KeepaliveGate } from './keepalive-gate.js';

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

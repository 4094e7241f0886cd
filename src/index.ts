export { SessionActivityTracker } from './tracker/session-activity-tracker.js';
export type { SessionActivityReason } from './tracker/session-activity-tracker.js';
export type { BusyObserver } from './tracker/session-activity.js';
export type { SessionActivitySnapshot } from './tracker/snapshot.js';
export type { Activity } from './tracker/running-activity.js';
export type { Keepalive, KeepaliveSend } from './tracker/keepalive.js';
export type { KeepaliveCounts, KeepaliveRegistration } from './tracker/keepalive-sender.js';
export type {
  ActivityCounts,
  HeartbeatData,
  IdleEventName,
  KeepaliveOutcome,
  LateHeartbeatData,
  OverdueData,
  SendFailedData,
  SendRecoveredData,
  SessionActivityEvent,
  ShutdownData,
  UnmatchedStopData,
} from './tracker/events.js';
export type { WhenIdleOptions } from './tracker/idle-waiters.js';
export type { TrackerOptions } from './tracker/options.js';
export type { PlatformAbortSignal } from './tracker/abort-signal.js';

export type { Clock, Timer } from './ports/clock.js';
export type { Cleanup, CleanupRegistry } from './ports/cleanup-registry.js';
export type {
  DiagnosticsData,
  DiagnosticsLevel,
  DiagnosticsLogger,
  DiagnosticsValue,
} from './ports/diagnostics-logger.js';
export type { KeepaliveGate } from './ports/keepalive-gate.js';

export { bindDiagnostics } from './adapters/bind-diagnostics.js';
export { ChannelDiagnosticsLogger } from './adapters/channel-diagnostics-logger.js';
export { EnvKeepaliveGate } from './adapters/env-keepalive-gate.js';
export { InProcessCleanupRegistry } from './adapters/in-process-cleanup-registry.js';
export { NullDiagnosticsLogger } from './adapters/null-diagnostics-logger.js';
export { PinoDiagnosticsLogger, type PinoLike } from './adapters/pino-diagnostics-logger.js';
export { StaticKeepaliveGate } from './adapters/static-keepalive-gate.js';
export { SystemClock } from './adapters/system-clock.js';

export {
  CLEANUP_REGISTRY,
  CLOCK,
  DIAGNOSTICS_LOGGER,
  KEEPALIVE_GATE,
  SESSION_ACTIVITY_HUB,
  TRACKER_OPTIONS,
} from './container/tokens.js';
export {
  createSessionContainer,
  registerSessionActivity,
  type SessionActivityOverrides,
  type SessionOverrides,
} from './container/register-session-activity.js';

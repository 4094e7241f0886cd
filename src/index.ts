export { SessionActivityTracker } from './tracker/session-activity-tracker.js';
export type { KeepaliveRegistration, SessionActivityReason, StartOptions } from './tracker/session-activity-tracker.js';
export type { Activity } from './tracker/activity.js';
export type { UseTrackInstead } from './tracker/run-as.js';
export type { SessionActivitySnapshot } from './tracker/snapshot.js';
export type { SessionState, StateObserver } from './tracker/state-observers.js';
export type {
  ConfiguredData,
  HeartbeatData,
  IdleEventName,
  KeepaliveCounts,
  KeepaliveOutcome,
  KeepaliveSummaryData,
  LateHeartbeatData,
  NotSentCause,
  NotSentData,
  OverdueData,
  SendFailedData,
  SendRecoveredData,
  SentData,
  SessionActivityEvent,
  ShutdownData,
  StartedData,
  StoppedData,
  TraceEvent,
  UnmatchedStopData,
} from './tracker/events.js';
export type { WhenIdleOptions } from './tracker/idle-waiters.js';
export { TRACKER_OPTIONS, type TrackerOptions } from './tracker/options.js';

export { trackFetch, type FetchLike } from './streams/track-fetch.js';

export type { Clock, Timer } from './ports/clock.js';
export type { Cleanup, CleanupRegistry } from './ports/cleanup-registry.js';
export type {
  DiagnosticsData,
  DiagnosticsLevel,
  DiagnosticsLogger,
  DiagnosticsValue,
} from './ports/diagnostics-logger.js';
export type { KeepaliveGate } from './ports/keepalive-gate.js';
export { NOT_SENT } from './ports/keepalive.js';
export type { ActivityCounts, Keepalive, KeepaliveSend, KeepaliveTrigger } from './ports/keepalive.js';
export { CLEANUP_REGISTRY, CLOCK, DIAGNOSTICS_LOGGER, KEEPALIVE_GATE } from './ports/tokens.js';

export { bindDiagnostics } from './adapters/bind-diagnostics.js';
export { ChannelDiagnosticsLogger } from './adapters/channel-diagnostics-logger.js';
export { EnvKeepaliveGate } from './adapters/env-keepalive-gate.js';
export { InProcessCleanupRegistry } from './adapters/in-process-cleanup-registry.js';
export { NullDiagnosticsLogger } from './adapters/null-diagnostics-logger.js';
export { PinoDiagnosticsLogger, type PinoLike } from './adapters/pino-diagnostics-logger.js';
export { StaticKeepaliveGate } from './adapters/static-keepalive-gate.js';
export { SystemClock } from './adapters/system-clock.js';

export { SESSION_ACTIVITY_HUB } from './hub/tokens.js';
export { SESSION_ACTIVITY_TRACKER } from './container/tokens.js';
export {
  createSessionContainer,
  registerSessionActivity,
  type SessionActivityOverrides,
  type SessionOverrides,
} from './container/register-session-activity.js';

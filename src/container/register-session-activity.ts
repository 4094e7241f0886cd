import 'reflect-metadata';
import { type DependencyContainer, type InjectionToken, Lifecycle } from 'tsyringe';
import { bindDiagnostics } from '../adapters/bind-diagnostics.js';
import { ChannelDiagnosticsLogger } from '../adapters/channel-diagnostics-logger.js';
import { EnvKeepaliveGate } from '../adapters/env-keepalive-gate.js';
import { InProcessCleanupRegistry } from '../adapters/in-process-cleanup-registry.js';
import { SystemClock } from '../adapters/system-clock.js';
import type { CleanupRegistry } from '../ports/cleanup-registry.js';
import type { Clock } from '../ports/clock.js';
import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import type { KeepaliveGate } from '../ports/keepalive-gate.js';
import { assertKnownNames, assertMethods, assertNonEmptyString, assertPort, PORT_NAMES } from '../validate.js';
import { resolveOptions, type TrackerOptions } from '../tracker/options.js';
import { SessionActivityTracker } from '../tracker/session-activity-tracker.js';
import { HubMembership, SESSION_ID } from './hub-membership.js';
import {
  CLEANUP_REGISTRY,
  CLOCK,
  DIAGNOSTICS_LOGGER,
  KEEPALIVE_GATE,
  SESSION_ACTIVITY_HUB,
  TRACKER_OPTIONS,
} from './tokens.js';

/** What a host gives its trackers instead of what the container has. Named as the constructor names them. */
export interface SessionActivityOverrides {
  /** Without it: the clock that is registered, else a {@link SystemClock}. */
  readonly clock?: Clock | undefined;
  /** Without it: the logger that is registered, else a {@link ChannelDiagnosticsLogger}. */
  readonly diagnostics?: DiagnosticsLogger | undefined;
  /** Without it: the gate that is registered, else an {@link EnvKeepaliveGate}. */
  readonly gate?: KeepaliveGate | undefined;
  /** Without it: the registry that is registered, else an {@link InProcessCleanupRegistry}. */
  readonly cleanup?: CleanupRegistry | undefined;
  /** Taken whole: they are not merged with those of the parent container. */
  readonly options?: TrackerOptions | undefined;
}

/**
 * Registers {@link SessionActivityTracker} with `container`, scoped to the container it is resolved from, and a default
 * for each token that nobody has registered yet: {@link SystemClock}, {@link ChannelDiagnosticsLogger},
 * {@link EnvKeepaliveGate}, {@link InProcessCleanupRegistry} and no options. An override is registered in any case.
 *
 * Ports are registered as instances: a container never disposes those. Register shared ports of your own as instances,
 * too: a parent's singleton that is first resolved through a child is disposed with the child.
 *
 * @throws TypeError for an unknown override, a port without its methods, or an option of the wrong type; RangeError for
 * an option out of range. Nothing is registered then.
 */
export function registerSessionActivity(
  container: DependencyContainer,
  overrides: SessionActivityOverrides = {},
): void {
  assertMethods('container', container, 'isRegistered', 'register', 'registerInstance');
  assertKnownNames('overrides', overrides, [...PORT_NAMES, 'options']);
  for (const name of PORT_NAMES) if (overrides[name] !== undefined) assertPort(name, overrides[name]);
  resolveOptions(overrides.options);

  const provide = <T>(token: InjectionToken<T>, given: T | undefined, makeDefault: () => T): void => {
    if (given !== undefined) container.registerInstance(token, given);
    else if (!container.isRegistered(token, true)) container.registerInstance(token, makeDefault());
  };
  provide<Clock>(CLOCK, overrides.clock, () => new SystemClock());
  provide<DiagnosticsLogger>(DIAGNOSTICS_LOGGER, overrides.diagnostics, () => new ChannelDiagnosticsLogger());
  provide<KeepaliveGate>(KEEPALIVE_GATE, overrides.gate, () => new EnvKeepaliveGate());
  provide<CleanupRegistry>(CLEANUP_REGISTRY, overrides.cleanup, () => new InProcessCleanupRegistry());
  provide(TRACKER_OPTIONS, overrides.options, () => ({}));
  if (container.isRegistered(SessionActivityTracker)) return;
  container.register(
    SessionActivityTracker,
    { useClass: SessionActivityTracker },
    { lifecycle: Lifecycle.ContainerScoped },
  );
}

/** What one session's container differs in from its parent. */
export interface SessionOverrides extends SessionActivityOverrides {
  /**
   * The session's id: bound to its events as `session_id`. If a hub is registered as {@link SESSION_ACTIVITY_HUB}, the
   * session is in it under this id until the container is disposed; its tracker is made at once then, with the ports
   * that are registered by now.
   */
  readonly sessionId?: string | undefined;
}

/**
 * Creates one session's child container. The tracker that it resolves is its own; `await child.dispose()` disposes that
 * tracker and nothing of the parent's.
 *
 * @param parent - a container that {@link registerSessionActivity} has set up. What it lacks, the child gets for
 * itself.
 * @param overrides - hold for this session alone.
 * @throws TypeError or RangeError as {@link registerSessionActivity} does; TypeError for a `sessionId` that is not a
 * non-empty string; Error when the hub has a session of that id.
 */
export function createSessionContainer(
  parent: DependencyContainer,
  overrides: SessionOverrides = {},
): DependencyContainer {
  assertMethods('parent', parent, 'createChildContainer');
  assertKnownNames('overrides', overrides, [...PORT_NAMES, 'options', 'sessionId']);
  const { sessionId, ...own } = overrides;
  if (sessionId !== undefined) assertNonEmptyString('sessionId', sessionId);
  const child = parent.createChildContainer();
  registerSessionActivity(child, own);
  if (sessionId === undefined) return child;

  const bound = bindDiagnostics(child.resolve(DIAGNOSTICS_LOGGER), { session_id: sessionId });
  child.registerInstance(DIAGNOSTICS_LOGGER, bound);
  if (child.isRegistered(SESSION_ACTIVITY_HUB, true)) {
    child.registerInstance(SESSION_ID, sessionId);
    child.register(HubMembership, { useClass: HubMembership }, { lifecycle: Lifecycle.ContainerScoped });
    child.resolve(HubMembership);
  }
  return child;
}

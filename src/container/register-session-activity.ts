import 'reflect-metadata';
import { type DependencyContainer, type InjectionToken, Lifecycle } from 'tsyringe';
import { bindDiagnostics } from '../adapters/bind-diagnostics.js';
import { ChannelDiagnosticsLogger } from '../adapters/channel-diagnostics-logger.js';
import { EnvKeepaliveGate } from '../adapters/env-keepalive-gate.js';
import { InProcessCleanupRegistry } from '../adapters/in-process-cleanup-registry.js';
import { SystemClock } from '../adapters/system-clock.js';
import type { SessionActivityHub } from '../hub/session-activity-hub.js';
import { SESSION_ACTIVITY_HUB } from '../hub/tokens.js';
import type { CleanupRegistry } from '../ports/cleanup-registry.js';
import type { Clock } from '../ports/clock.js';
import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import type { KeepaliveGate } from '../ports/keepalive-gate.js';
import { CLEANUP_REGISTRY, CLOCK, DIAGNOSTICS_LOGGER, KEEPALIVE_GATE } from '../ports/tokens.js';
import { resolveOptions, TRACKER_OPTIONS, type TrackerOptions } from '../tracker/options.js';
import { SessionActivityTracker } from '../tracker/session-activity-tracker.js';
import { assertKnownNames, assertMethods, assertNonEmptyString, assertPort, PORT_NAMES } from '../validate.js';
import { HubMembership, SESSION_ID } from './hub-membership.js';
import { SESSION_ACTIVITY_TRACKER } from './tokens.js';

/** What a host gives its trackers in place of what the container has. Named as the constructor names them. */
export interface SessionActivityOverrides {
  /** Default: the clock that is registered, else a {@link SystemClock}. */
  readonly clock?: Clock | undefined;
  /** Default: the logger that is registered, else a {@link ChannelDiagnosticsLogger}. */
  readonly diagnostics?: DiagnosticsLogger | undefined;
  /** Default: the gate that is registered, else an {@link EnvKeepaliveGate}, which is closed until you open it. */
  readonly gate?: KeepaliveGate | undefined;
  /** Default: the registry that is registered, else an {@link InProcessCleanupRegistry}. */
  readonly cleanup?: CleanupRegistry | undefined;
  /** Default: the hub that is registered, else none. */
  readonly hub?: SessionActivityHub | undefined;
  /** Taken whole, not merged with those of the parent container. Default: those that are registered, else none. */
  readonly options?: TrackerOptions | undefined;
}

const OVERRIDE_NAMES = [...PORT_NAMES, 'hub', 'options'] as const;

/**
 * Registers the tracker with `container`, scoped to the container it is resolved from, and a default for each token
 * that nobody has registered yet: {@link SystemClock}, {@link ChannelDiagnosticsLogger}, {@link EnvKeepaliveGate},
 * {@link InProcessCleanupRegistry} and no options. An override is registered in any case.
 *
 * The token `SESSION_ACTIVITY_TRACKER` and the class {@link SessionActivityTracker} resolve to the same instance.
 *
 * Ports are registered by factory: `container.clearInstances()` leaves them alone and no container disposes them.
 * Register shared ports of your own in the same way: a parent's singleton that is first resolved through a child is
 * disposed with the child.
 *
 * @throws TypeError for something that is not a container, an unknown override, a port without its methods, or an
 * option of the wrong type; RangeError for an option out of range. Nothing is registered then.
 */
export function registerSessionActivity(
  container: DependencyContainer,
  overrides: SessionActivityOverrides = {},
): void {
  assertMethods('container', container, 'isRegistered', 'register');
  assertKnownNames('overrides', overrides, OVERRIDE_NAMES);
  for (const name of PORT_NAMES) if (overrides[name] !== undefined) assertPort(name, overrides[name]);
  if (overrides.hub !== undefined) assertMethods('hub', overrides.hub, 'add');
  resolveOptions(overrides.options);

  const provide = <T>(token: InjectionToken<T>, override: T | undefined, makeDefault?: () => T): void => {
    if (override !== undefined) registerValue(container, token, override);
    else if (makeDefault && !container.isRegistered(token, true)) registerValue(container, token, makeDefault());
  };
  provide<Clock>(CLOCK, overrides.clock, () => new SystemClock());
  provide<DiagnosticsLogger>(DIAGNOSTICS_LOGGER, overrides.diagnostics, () => new ChannelDiagnosticsLogger());
  provide<KeepaliveGate>(KEEPALIVE_GATE, overrides.gate, () => new EnvKeepaliveGate());
  provide<CleanupRegistry>(CLEANUP_REGISTRY, overrides.cleanup, () => new InProcessCleanupRegistry());
  provide(SESSION_ACTIVITY_HUB, overrides.hub);
  provide(TRACKER_OPTIONS, overrides.options, () => ({}));

  // The token is what is registered, and each copy of this package makes its class an alias: two copies agree.
  if (!container.isRegistered(SESSION_ACTIVITY_TRACKER)) {
    const scoped = { lifecycle: Lifecycle.ContainerScoped };
    container.register(SESSION_ACTIVITY_TRACKER, { useClass: SessionActivityTracker }, scoped);
  }
  if (!container.isRegistered(SessionActivityTracker)) {
    container.register(SessionActivityTracker, { useToken: SESSION_ACTIVITY_TRACKER });
  }
}

/** How one session's container differs from its parent. */
export interface SessionOverrides extends SessionActivityOverrides {
  /**
   * The session's id, bound to its events as `session_id`. If a hub is registered, the session's tracker is made at
   * once, with the ports that are registered by now, and is in the hub under this id until the container is disposed.
   */
  readonly sessionId?: string | undefined;
}

/**
 * Creates one session's child container. The tracker that it resolves is its own; `await child.dispose()` disposes that
 * tracker and nothing of the parent's.
 *
 * @param parent - a container that {@link registerSessionActivity} has set up. What it lacks, the child registers for
 * itself.
 * @param overrides - for this session alone.
 * @throws TypeError or RangeError as {@link registerSessionActivity} does; TypeError for a `sessionId` that is not a
 * non-empty string; Error when the hub has a session of that id; whatever a factory or constructor of the host throws.
 * By then the disposal of what the child had made has begun.
 */
export function createSessionContainer(
  parent: DependencyContainer,
  overrides: SessionOverrides = {},
): DependencyContainer {
  assertMethods('parent', parent, 'createChildContainer');
  assertKnownNames('overrides', overrides, [...OVERRIDE_NAMES, 'sessionId']);
  const { sessionId, ...own } = overrides;
  if (sessionId !== undefined) assertNonEmptyString('sessionId', sessionId);
  const child = parent.createChildContainer();
  try {
    registerSessionActivity(child, own);
    if (sessionId !== undefined) bindSession(child, sessionId);
    return child;
  } catch (error) {
    // Not awaited: this function is synchronous, and the caller gets the first error.
    Promise.resolve(child.dispose()).catch(() => undefined);
    throw error;
  }
}

function bindSession(child: DependencyContainer, sessionId: string): void {
  const bound = bindDiagnostics(child.resolve(DIAGNOSTICS_LOGGER), { session_id: sessionId });
  registerValue(child, DIAGNOSTICS_LOGGER, bound);
  if (!child.isRegistered(SESSION_ACTIVITY_HUB, true)) return;
  registerValue(child, SESSION_ID, sessionId);
  child.register(HubMembership, { useClass: HubMembership }, { lifecycle: Lifecycle.ContainerScoped });
  child.resolve(HubMembership);
}

/** By factory: `clearInstances()` would remove a registered instance, and a container disposes no factory's value. */
function registerValue<T>(container: DependencyContainer, token: InjectionToken<T>, value: T): void {
  container.register(token, { useFactory: () => value });
}

import { container, type DependencyContainer, type InjectionToken } from 'tsyringe';
import {
  CLEANUP_REGISTRY,
  CLOCK,
  DIAGNOSTICS_LOGGER,
  KEEPALIVE_GATE,
  SESSION_ACTIVITY_TRACKER,
  SessionActivityTracker,
  type SessionActivityOverrides,
  TRACKER_OPTIONS,
} from '../../src/index.js';
import {
  ManualCleanupRegistry,
  ManualClock,
  RecordingDiagnosticsLogger,
  SwitchableKeepaliveGate,
} from '../../src/testing/index.js';

/** The tokens of what the tracker's constructor takes, in its order. */
export const TOKENS: readonly InjectionToken[] = [
  CLOCK,
  DIAGNOSTICS_LOGGER,
  KEEPALIVE_GATE,
  CLEANUP_REGISTRY,
  TRACKER_OPTIONS,
];

/** A container of its own for one test: the process's root container stays as it is. */
export function createParent(): DependencyContainer {
  return container.createChildContainer();
}

/** The tracker that `from` resolves. */
export function trackerOf(from: DependencyContainer): SessionActivityTracker {
  return from.resolve(SESSION_ACTIVITY_TRACKER);
}

/** What each token resolves to. */
export function portsOf(from: DependencyContainer): unknown[] {
  return TOKENS.map((token) => from.resolve<unknown>(token));
}

/** Which of the tokens and the tracker are registered with `container` itself. */
export function registeredWith(container: DependencyContainer): InjectionToken[] {
  return [...TOKENS, SESSION_ACTIVITY_TRACKER, SessionActivityTracker].filter((token) => container.isRegistered(token));
}

/** An override of each kind that the constructor takes, in the order of the tokens. */
export function createOverrides(): Required<Omit<SessionActivityOverrides, 'hub'>> {
  return {
    clock: new ManualClock(),
    diagnostics: new RecordingDiagnosticsLogger(),
    gate: new SwitchableKeepaliveGate(),
    cleanup: new ManualCleanupRegistry(),
    options: { intervalMs: 1000 },
  };
}

import type { InjectionToken } from 'tsyringe';
import type { SessionActivityTracker } from '../tracker/session-activity-tracker.js';

/**
 * The container's token for the {@link SessionActivityTracker}. The class resolves to the same instance.
 *
 * A registered symbol, so that two copies of this package agree on it. For reasons of your own, resolve the class:
 * `container.resolve<SessionActivityTracker<Reason>>(SessionActivityTracker)`.
 */
export const SESSION_ACTIVITY_TRACKER: InjectionToken<SessionActivityTracker> = Symbol.for(
  'session-activity-tracker/session-activity-tracker',
);

import type { InjectionToken } from 'tsyringe';
import type { SessionActivityHub } from './session-activity-hub.js';

/**
 * The container's token for the {@link SessionActivityHub}. Nothing is registered for it unless the host does so. A
 * registered symbol, so that two copies of this package agree on it.
 */
export const SESSION_ACTIVITY_HUB: InjectionToken<SessionActivityHub> = Symbol.for(
  'session-activity-tracker/session-activity-hub',
);

import 'reflect-metadata';
import { inject, injectable, type InjectionToken } from 'tsyringe';
import type { SessionActivityHub } from '../hub/session-activity-hub.js';
import { SESSION_ACTIVITY_HUB } from '../hub/tokens.js';
import type { SessionActivityTracker } from '../tracker/session-activity-tracker.js';
import { SESSION_ACTIVITY_TRACKER } from './tokens.js';

/** The id of a session container's session. */
export const SESSION_ID: InjectionToken<string> = Symbol.for('session-activity-tracker/session-id');

/**
 * Keeps a container's tracker in the hub until the container, which made this, disposes it. The hub alone would hear of
 * it too late where an observer of the tracker disposes the container.
 */
@injectable()
export class HubMembership {
  private readonly leave: () => void;

  constructor(
    @inject(SESSION_ACTIVITY_HUB) hub: SessionActivityHub,
    @inject(SESSION_ID) sessionId: string,
    @inject(SESSION_ACTIVITY_TRACKER) tracker: SessionActivityTracker,
  ) {
    this.leave = hub.add(sessionId, tracker);
  }

  dispose(): void {
    this.leave();
  }
}

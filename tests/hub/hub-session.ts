import type { SessionActivityHub } from '../../src/hub/index.js';
import type { TrackerOptions } from '../../src/index.js';
import { createTestTracker, type TestTracker } from '../../src/testing/index.js';

/** A session of a hub, on doubles of its own. */
export interface HubSessionKit extends TestTracker<string> {
  readonly remove: () => void;
}

/** Adds a session whose tracker counts any reason. */
export function addSession(hub: SessionActivityHub, sessionId: string, options?: TrackerOptions): HubSessionKit {
  const kit = createTestTracker<string>(options);
  return { ...kit, remove: hub.add(sessionId, kit.tracker) };
}

/** The ids of a hub's sessions, in its order. */
export function idsOf(hub: SessionActivityHub): string[] {
  return hub.sessions().map(({ sessionId }) => sessionId);
}

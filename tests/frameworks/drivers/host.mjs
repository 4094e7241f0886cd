import { EventEmitter, once } from 'node:events';
import { writeSync } from 'node:fs';
import { registerSessionActivity } from 'session-activity-tracker';
import { SessionActivityHub } from 'session-activity-tracker/hub';
import { ManualClock } from 'session-activity-tracker/testing';
import { container } from 'tsyringe';

/** The time of every tracker that a program of the page takes from the container: each registers only its own gate. */
export const clock = new ManualClock();

const states = new EventEmitter();

/** Every session with an id that a program opens. */
export const hub = new (class extends SessionActivityHub {
  add(sessionId, tracker) {
    tracker.observe((state) => states.emit(state));
    return super.add(sessionId, tracker);
  }
})();

registerSessionActivity(container, { clock, hub });

/** Resolves when the next session becomes this state. */
export async function nextState(state) {
  await once(states, state);
}

/** What runs, by reason, in each session. */
export function activeNow() {
  return hub.sessions().map(({ snapshot }) => snapshot.active);
}

export function deferred() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Tells the test what the driver saw, apart from what the program itself writes. */
export function report(facts) {
  writeSync(3, JSON.stringify(facts));
}

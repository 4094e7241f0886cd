import { NaiveTracker } from './naive.mjs';
import { cleanup, diagnostics, gate, occupy, send } from './surroundings.mjs';

/** The naive tracker, its `start` returning a function that releases once. */
class NaiveTrackerWithHandles extends NaiveTracker {
  start(reason) {
    super.start(reason);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.stop(reason);
    };
  }
}

/** A tracker with a sender. */
export function createTracker({ onBeat = send, registry = cleanup, ...options } = {}) {
  const tracker = new NaiveTrackerWithHandles(diagnostics, gate, registry, options);
  tracker.registerCallback(onBeat);
  return tracker;
}

/** A start and its handle's release while others run. */
export function pairsByHandle(others) {
  const tracker = occupy(createTracker(), others);
  return (times) => {
    for (let i = 0; i < times; i++) tracker.start('api_call')();
  };
}

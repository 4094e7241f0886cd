import { SessionActivityTracker, SystemClock } from 'session-activity-tracker';
import { chunksOf, cleanup, diagnostics, gate, occupy, send } from './surroundings.mjs';

const clock = new SystemClock();

/** A tracker with a sender. */
export function createTracker({ onBeat = send, registry = cleanup, ...options } = {}) {
  const tracker = new SessionActivityTracker(clock, diagnostics, gate, registry, options);
  tracker.registerCallback(onBeat);
  return tracker;
}

/** 0 to 1 and back to 0. */
export function bounces() {
  const tracker = createTracker();
  return (times) => {
    for (let i = 0; i < times; i++) tracker.start('api_call').stop();
  };
}

/** A start and its handle's stop while others run: the newest goes first. */
export function pairsByHandle(others) {
  const tracker = occupy(createTracker(), others);
  return (times) => {
    for (let i = 0; i < times; i++) tracker.start('api_call').stop();
  };
}

/** A start and a stop by reason while others run: the oldest goes first. */
export function pairsByReason(others) {
  const tracker = occupy(createTracker(), others);
  return (times) => {
    for (let i = 0; i < times; i++) {
      tracker.start('api_call');
      tracker.stop('api_call');
    }
  };
}

/** `run` round work that is asynchronous. */
export function runs() {
  const tracker = occupy(createTracker());
  const work = async () => undefined;
  return async (times) => {
    for (let i = 0; i < times; i++) await tracker.run('api_call', work);
  };
}

/** A loop over a tracked stream. */
export function chunks() {
  const tracker = occupy(createTracker());
  return async (times) => {
    let sum = 0;
    for await (const chunk of tracker.track('api_call', chunksOf(times))) sum += chunk;
    return sum;
  };
}

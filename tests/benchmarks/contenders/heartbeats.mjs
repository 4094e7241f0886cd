import { createRequire } from 'node:module';
import { send } from './surroundings.mjs';

const require = createRequire(import.meta.url);
const { createHeart } = require('heartbeats');

/** A heart that beats while the count is above 0. */
export function createTracker({ onBeat = send, intervalMs = 30_000 } = {}) {
  let heart = null;
  let refcount = 0;
  return {
    start() {
      if (refcount++ > 0) return;
      heart = createHeart(intervalMs);
      heart.createEvent(1, onBeat);
    },
    stop() {
      if (--refcount === 0) heart.kill();
    },
  };
}

/** 0 to 1 and back to 0. */
export function bounces() {
  const tracker = createTracker();
  return (times) => {
    for (let i = 0; i < times; i++) {
      tracker.start();
      tracker.stop();
    }
  };
}

import { createRequire } from 'node:module';
import { send } from './surroundings.mjs';

const require = createRequire(import.meta.url);
const { HeartBeat, HEARTBEAT_EVENTS } = require('@walletconnect/heartbeat');

/** A heartbeat that runs while the count is above 0. */
export function createTracker({ onBeat = send, intervalMs = 30_000 } = {}) {
  const heartbeat = new HeartBeat({ interval: intervalMs / 1000 });
  heartbeat.on(HEARTBEAT_EVENTS.pulse, onBeat);
  let refcount = 0;
  return {
    start() {
      // Its promise settles at once: the interval is set before `init` returns.
      if (refcount++ === 0) void heartbeat.init();
    },
    stop() {
      if (--refcount === 0) heartbeat.stop();
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

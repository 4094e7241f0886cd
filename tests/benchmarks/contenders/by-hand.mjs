import { occupy } from './surroundings.mjs';
import { createTracker } from './tracker.mjs';

/** What `run` saves its caller: `try` and `finally` around the same await. */
export function runs() {
  const tracker = occupy(createTracker());
  const work = async () => undefined;
  return async (times) => {
    for (let i = 0; i < times; i++) {
      const activity = tracker.start('api_call');
      try {
        await work();
      } finally {
        activity.stop();
      }
    }
  };
}

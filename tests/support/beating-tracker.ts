import { NullDiagnosticsLogger, SessionActivityTracker, StaticKeepaliveGate, SystemClock } from '../../src/index.js';
import { ManualCleanupRegistry } from '../../src/testing/index.js';

/** A tracker on real time that beats every few milliseconds. Leaving its scope disposes it. */
export interface BeatingTracker extends Disposable {
  readonly tracker: SessionActivityTracker;
  /** Resolves after a few more keep-alives: a stream that gives nothing meanwhile is silent. */
  readonly silence: () => Promise<void>;
}

const BEATS = 5;

export function createBeatingTracker(): BeatingTracker {
  const tracker = new SessionActivityTracker(
    new SystemClock(),
    new NullDiagnosticsLogger(),
    new StaticKeepaliveGate(true),
    new ManualCleanupRegistry(),
    { intervalMs: 4 },
  );
  let onBeat = (): void => undefined;
  tracker.registerCallback(() => onBeat());
  return {
    tracker,
    silence: () =>
      new Promise((resolve) => {
        let left = BEATS;
        onBeat = () => {
          left--;
          if (left === 0) resolve();
        };
      }),
    [Symbol.dispose]: () => tracker.dispose(),
  };
}

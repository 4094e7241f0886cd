import { jest } from '@jest/globals';
import {
  InProcessCleanupRegistry,
  NullDiagnosticsLogger,
  SessionActivityTracker,
  StaticKeepaliveGate,
  SystemClock,
} from '../../src/index.js';

/** A tracker on the system's clock with a sender that counts. `beat` resolves at the next keep-alive. */
export function createClockedTracker(intervalMs: number): {
  tracker: SessionActivityTracker;
  send: jest.Mock<() => void>;
  beat: () => Promise<void>;
} {
  const tracker = new SessionActivityTracker(
    new SystemClock(),
    new NullDiagnosticsLogger(),
    new StaticKeepaliveGate(true),
    new InProcessCleanupRegistry(),
    { intervalMs },
  );
  const send = jest.fn<() => void>();
  tracker.registerCallback(send);
  const beat = (): Promise<void> =>
    new Promise((resolve) => {
      send.mockImplementationOnce(resolve);
    });
  return { tracker, send, beat };
}

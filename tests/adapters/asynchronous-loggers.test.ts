import { describe, expect, it, jest } from '@jest/globals';
import {
  bindDiagnostics,
  type DiagnosticsLogger,
  InProcessCleanupRegistry,
  PinoDiagnosticsLogger,
  SessionActivityTracker,
  StaticKeepaliveGate,
  SystemClock,
} from '../../src/index.js';

describe('adapters of a logger that is asynchronous', () => {
  const then = jest.fn();
  const log = (): unknown => ({ then });

  it.each<[string, DiagnosticsLogger]>([
    ['bindDiagnostics', bindDiagnostics({ log }, { session_id: 's-1' })],
    ['PinoDiagnosticsLogger', new PinoDiagnosticsLogger({ debug: log, info: log, warn: log })],
  ])('%s passes its promise on, so that the tracker handles a rejection', async (_name, logger) => {
    then.mockClear();
    const gate = new StaticKeepaliveGate(true);
    const tracker = new SessionActivityTracker(new SystemClock(), logger, gate, new InProcessCleanupRegistry());
    tracker.stop('api_call');
    await Promise.resolve();
    expect(then).toHaveBeenCalledWith(expect.any(Function), expect.any(Function));
  });
});

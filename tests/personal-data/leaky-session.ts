import type { CleanupRegistry, DiagnosticsLogger, KeepaliveGate, KeepaliveSend } from '../../src/index.js';
import { SessionActivityTracker } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { thrownBy } from '../support/thrown-by.js';

/** What a port or a sender does with what it has to throw. */
type Misbehave = (thrown: () => unknown) => unknown;

function throwIt(thrown: () => unknown): never {
  throw thrown() as Error; // Anything may be thrown.
}

const MISBEHAVIOURS: Readonly<Record<string, Misbehave>> = {
  throws: throwIt,
  rejects: async (thrown) => {
    await Promise.resolve();
    return throwIt(thrown);
  },
  returns: (thrown) => thrown(),
  'returns a thenable that rejects': (thrown) => ({
    then: (_: unknown, reject: (reason: unknown) => void) => {
      reject(thrown());
    },
  }),
  'returns a thenable that throws': (thrown) => ({ then: () => throwIt(thrown) }),
  'returns an object whose then throws': (thrown) => ({
    get then(): unknown {
      return throwIt(thrown);
    },
  }),
};

/** By name, how a part of a session may misbehave. */
export const MANNERS = Object.keys(MISBEHAVIOURS);

/**
 * Leads a session to every event there is, while each of its ports and senders misbehaves in the given manner. Its work
 * fails as well, and whoever waits for it gives up.
 */
export async function leadLeakySession(
  logger: DiagnosticsLogger,
  manner: string,
  thrown: () => unknown,
): Promise<void> {
  const misbehave = (): unknown => MISBEHAVIOURS[manner]?.(thrown);
  const clock = new ManualClock();
  let isGateBroken = false;
  const diagnostics = {
    log: (...[level, event, data]: Parameters<DiagnosticsLogger['log']>): unknown => {
      if (data === undefined) logger.log(level, event);
      else logger.log(level, event, data);
      return misbehave();
    },
  };
  const gate = { isOpen: () => (isGateBroken ? misbehave() : true) } as KeepaliveGate;
  const cleanup = { register: misbehave } as CleanupRegistry;
  const options = { intervalMs: 1000, maxActivityMs: 4500, maxSilenceMs: 4000, trace: true };
  const tracker = new SessionActivityTracker(clock, diagnostics, gate, cleanup, options);
  const endObservation = tracker.observe(misbehave);
  const beat = async (): Promise<void> => {
    clock.advance(1000);
    await eventLoopTurn();
  };

  // Fails, recovers, and is given up with its late rejection.
  tracker.registerCallback(misbehave);
  tracker.start('tool_exec', { signal: new AbortController().signal }).touch();
  await beat();
  tracker.registerCallback(() => throwIt(thrown));
  await beat();
  tracker.registerCallback(() => undefined);
  await beat();
  tracker.registerCallback(lateRejection(thrown));
  await beat();
  await beat();
  tracker.sendSignal();
  isGateBroken = true;
  tracker.sendSignal();
  await beat();

  // Late, unmatched, idle.
  clock.stall(3300);
  await beat();
  tracker.stop('tool_exec');
  tracker.stop('tool_exec');
  await beat();

  await settledWork(tracker, thrown);
  tracker.start('api_call');
  endObservation();
  tracker.dispose();
  await eventLoopTurn();
}

/** A sender that does nothing until it is given up, and then complains. */
function lateRejection(thrown: () => unknown): KeepaliveSend {
  return async ({ signal }) => {
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    throwIt(thrown);
  };
}

/** Work that throws and work that rejects, and a waiter that gives up with a reason of its own. */
async function settledWork(tracker: SessionActivityTracker, thrown: () => unknown): Promise<void> {
  thrownBy(() => tracker.run('api_call', () => throwIt(thrown)));
  const controller = new AbortController();
  const work = tracker.run('api_call', async () => {
    await eventLoopTurn();
    throwIt(thrown);
  });
  const idle = tracker.whenIdle({ signal: controller.signal });
  controller.abort(thrown());
  await Promise.allSettled([work, idle]);
}

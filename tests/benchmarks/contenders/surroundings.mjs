import { NullDiagnosticsLogger, StaticKeepaliveGate } from 'session-activity-tracker';

/** What every tracker of a run is given alike, so that none is charged for its surroundings. */
export const diagnostics = new NullDiagnosticsLogger();
export const gate = new StaticKeepaliveGate(true);

const takeBack = () => undefined;

/** Keeps nothing, so that a tracker is charged for what it holds itself. */
export const cleanup = { register: () => takeBack };

/** A sender that does nothing. */
export const send = () => undefined;

/** Makes a tracker busy: `running` activities, their reasons in turn. */
export function occupy(tracker, { running = 10, reasons = ['api_call', 'tool_exec'] } = {}) {
  for (let i = 0; i < running; i++) tracker.start(reasons[i % reasons.length]);
  return tracker;
}

/** A stream of that many chunks which never keeps its reader waiting. */
export async function* chunksOf(times) {
  for (let i = 0; i < times; i++) yield i;
}

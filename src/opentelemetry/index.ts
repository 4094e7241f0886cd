export { instrumentSessionActivity } from './instrument-session-activity.js';
export type { InstrumentableHub, InstrumentSessionActivityOptions } from './instrument-session-activity.js';

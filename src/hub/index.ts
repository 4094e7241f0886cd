export { SessionActivityHub } from './session-activity-hub.js';
export type { HubSession, HubTotals, HubTracker } from './session-activity-hub.js';

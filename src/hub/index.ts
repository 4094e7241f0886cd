export { activityStatus } from './activity-status.js';
export type { ActivitySource, ActivityStatus } from './activity-status.js';
export { agentCorePing } from './agent-core-ping.js';
export type { AgentCorePing } from './agent-core-ping.js';
export { drain } from './drain.js';
export type { DrainableHub, DrainOptions } from './drain.js';
export { SessionActivityHub } from './session-activity-hub.js';
export type { HubSession, HubTotals, HubTracker } from './session-activity-hub.js';

export { RedisLeases } from './redis-leases.js';
export type { LapsedLease, RedisLeasesOptions } from './redis-leases.js';
export type { LeaseClient, LeasePipeline } from './redis-connection.js';

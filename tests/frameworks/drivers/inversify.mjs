import { SessionActivityTracker } from 'session-activity-tracker';
import { ManualClock } from 'session-activity-tracker/testing';
import { report } from './host.mjs';
import { driveSessions } from './two-sessions.mjs';
import { host, openSession } from './pages/inversify.js';

const clock = new ManualClock();
(await host.rebind('clock')).toConstantValue(clock);
report(
  await driveSessions(clock, () => {
    const session = openSession();
    return { resolve: () => session.get(SessionActivityTracker), end: () => session.unbindAll() };
  }),
);

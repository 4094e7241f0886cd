import { asValue } from 'awilix';
import { ManualClock } from 'session-activity-tracker/testing';
import { report } from './host.mjs';
import { driveSessions } from './two-sessions.mjs';
import { host } from './pages/awilix.js';

const clock = new ManualClock();
host.register({ clock: asValue(clock) });
report(
  await driveSessions(clock, () => {
    const session = host.createScope();
    return { resolve: () => session.resolve('tracker'), end: () => session.dispose() };
  }),
);

// Runs the built package for long: a simulated year of 1,000 sessions, then ten real minutes of 10,000 trackers. Needs
// `node --expose-gc`. Prints figures, and exits with 1 when anything is off.
//
//   --days N     how many days of the year are simulated, 365 by default
//   --minutes N  how long the real part takes, 10 by default, 0 to leave it out
//   --seed N     repeats a simulated year
import { parseArgs } from 'node:util';
import { Findings } from './findings.mjs';
import { runRealMinutes } from './real-minutes.mjs';
import { simulateYear } from './simulated-year.mjs';

if (!globalThis.gc) throw new Error('Expected to be run by `node --expose-gc`');

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '365' },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
  },
});
const [days, minutes] = [Number(values.days), Number(values.minutes)];
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
if (!(days >= 0 && minutes >= 0 && Number.isInteger(seed))) {
  throw new Error('Expected numbers for --days, --minutes and --seed');
}

const findings = new Findings();
console.log(`Node ${process.version}, seed ${seed}`);
console.log(`A simulated year of 1,000 sessions, ${days} days of it`);
await simulateYear(days, seed, findings);
if (minutes > 0) {
  console.log(`${minutes} real minutes of 10,000 trackers`);
  await runRealMinutes(minutes, seed, findings);
}
console.log(findings.count === 0 ? 'nothing is off' : `${findings.count} things are off`);
process.exitCode = findings.count === 0 ? 0 : 1;

// Runs the built package for long: a simulated year of 1,000 sessions, then ten real minutes of 10,000 trackers. Needs
// `node --expose-gc`. Prints figures, and exits with 1 when anything is off.
//
//   --minutes N  how long the real part takes, 10 by default, 0 to leave it out
//   --seed N     repeats a simulated year
import { parseArgs } from 'node:util';
import { Findings } from './findings.mjs';
import { runRealMinutes } from './real-minutes.mjs';
import { simulateYear } from './simulated-year.mjs';

if (!globalThis.gc) throw new Error('Expected to be run by `node --expose-gc`');

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
if (!(minutes >= 0 && Number.isInteger(seed))) throw new Error('Expected numbers for --minutes and --seed');

const findings = new Findings();
console.log(`Node ${process.version}, seed ${seed}`);
console.log('A simulated year of 1,000 sessions');
await simulateYear(seed, findings);
if (minutes > 0) {
  console.log(`${minutes} real minutes of 10,000 trackers`);
  await runRealMinutes(minutes, seed, findings);
}
console.log(findings.count === 0 ? 'nothing is off' : `${findings.count} things are off`);
process.exitCode = findings.count === 0 ? 0 : 1;

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { CASES } from './cases.mjs';
import { document, machine, table } from './report.mjs';

/**
 * Measures the built package. `--only TEXT` takes the cases whose names contain it, `--quick` measures less of
 * everything, `--write` writes BENCHMARKS.md.
 */
const { values } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
  },
});
if (values.write && (values.only !== '' || values.quick)) throw new Error('--write takes every case in full');

const effort = values.quick
  ? { processes: 1, timeProcesses: 1, rounds: 10, trackers: 20_000, beats: 20 }
  : { processes: 3, timeProcesses: 9, rounds: 20, trackers: 100_000, beats: 100 };

const rows = [];
for (const each of CASES.filter(({ name }) => name.includes(values.only))) {
  console.error(`measuring: ${each.name}`);
  rows.push(...(await each.measure(effort)));
}
console.log(`${table(rows)}\n\n${machine()}`);
if (values.write) await writeFile(new URL('../../BENCHMARKS.md', import.meta.url), document(rows));

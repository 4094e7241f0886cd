// Mutates the sources room by room, each against its own tests, and writes the scores to results.json.
// Run it with `npm run test:mutation`, or `npm run test:mutation -- tracker` for one room.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** What is mutated together, and the folders of tests that should notice. Loading fewer makes it bearable. */
const RUNS = [
  { name: 'tracker', sources: ['tracker', 'on-abort.ts', 'validate.ts'], tests: ['tracker'] },
  { name: 'streams', sources: ['streams'], tests: ['streams'] },
  { name: 'adapters', sources: ['adapters', 'testing'], tests: ['adapters', 'testing'] },
  { name: 'container', sources: ['container', 'hub', 'opentelemetry'], tests: ['container', 'hub', 'opentelemetry'] },
  { name: 'senders', sources: ['senders'], tests: ['senders'] },
  { name: 'redis', sources: ['redis'], tests: ['redis'] },
  { name: 'report', sources: ['report'], tests: ['report'] },
];

/** Type-only files, lists of exports, and a program that tests run in a process of its own. */
const LEFT_OUT = ['!src/**/index.ts', '!src/tracker/snapshot.ts', '!src/report/cli.ts'];

const LEAST_SCORE = 95;
const RESULTS = new URL('results.json', import.meta.url);

const only = process.argv[2];
for (const { name, sources, tests } of RUNS.filter((run) => only === undefined || run.name === only)) {
  const mutate = [...sources.map((source) => `src/${source}${source.endsWith('.ts') ? '' : '/**/*.ts'}`), ...LEFT_OUT];
  const { status } = spawnSync('npx', ['stryker', 'run', '--mutate', mutate.join(',')], {
    stdio: 'inherit',
    env: { ...process.env, MUTATION_TESTS: tests.join(',') },
  });
  if (status !== 0) process.exit(status ?? 1);
  const { files } = JSON.parse(readFileSync('reports/mutation/mutation.json', 'utf8'));
  const fates = Object.values(files).flatMap((file) => file.mutants.map((mutant) => mutant.status));
  const count = (...wanted) => fates.filter((fate) => wanted.includes(fate)).length;
  const noticed = { killed: count('Killed'), timedOut: count('Timeout') };
  const survived = count('Survived', 'NoCoverage');
  const mutants = noticed.killed + noticed.timedOut + survived;
  const percent = Number((100 * (1 - survived / mutants)).toFixed(2));
  console.log(
    `${name}: ${survived} of ${mutants} mutants survived, a score of ${percent} % (at least ${LEAST_SCORE} %)`,
  );
  if (percent < LEAST_SCORE) process.exitCode = 1;

  const results = JSON.parse(readFileSync(RESULTS, 'utf8'));
  results[name] = { ...noticed, survived, percent, on: new Date().toISOString().slice(0, 10), node: process.version };
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
}

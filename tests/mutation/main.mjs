import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What is mutated together, and the folders of tests that are to notice: loading fewer is what makes it bearable. */
const RUNS = [
  { name: 'tracker', sources: ['tracker', 'validate.ts'], tests: ['tracker', 'hub'] },
  {
    name: 'around',
    sources: ['adapters', 'container', 'hub', 'testing'],
    tests: ['adapters', 'container', 'hub', 'testing'],
  },
  { name: 'entries', sources: ['opentelemetry', 'senders'], tests: ['opentelemetry', 'senders'] },
];

/** Type-only files, and lists of exports. */
const LEFT_OUT = ['!src/**/index.ts', '!src/tracker/snapshot.ts'];

const LEAST_SCORE = 95;

let killed = 0;
let all = 0;
const only = process.argv[2];
for (const { name, sources, tests } of RUNS.filter((run) => only === undefined || run.name === only)) {
  const mutate = [...sources.map((source) => `src/${source}${source.endsWith('.ts') ? '' : '/**/*.ts'}`), ...LEFT_OUT];
  const { status } = spawnSync('npx', ['stryker', 'run', '--mutate', mutate.join(',')], {
    stdio: 'inherit',
    env: { ...process.env, MUTATION_TESTS: tests.join(',') },
  });
  if (status !== 0) process.exit(status ?? 1);
  const { files } = JSON.parse(readFileSync('reports/mutation/mutation.json', 'utf8'));
  const mutants = Object.values(files).flatMap((file) => file.mutants);
  for (const { status: fate } of mutants) {
    if (fate === 'Killed' || fate === 'Timeout') killed++;
    if (['Killed', 'Timeout', 'Survived', 'NoCoverage'].includes(fate)) all++;
  }
  console.log(`After ${name}: ${killed} of ${all} killed`);
}
const score = (100 * killed) / all;
console.log(`Mutation score: ${score.toFixed(2)} % (at least ${LEAST_SCORE} %)`);
if (score < LEAST_SCORE) process.exitCode = 1;

import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ROOT, run } from './installations.mjs';

/** What is done with one Node: the test suite, and the installed package loaded both ways. */

const ENTRIES = ['', '/testing', '/hub', '/opentelemetry', '/senders'].map((path) => `session-activity-tracker${path}`);

/** A session's events, with each entry point loaded, as JSON. */
const SESSION = `
  const [library, testing, hub] = entries;
  const { tracker, clock, diagnostics } = testing.createTestTracker({ intervalMs: 1000 });
  const sessions = new hub.SessionActivityHub();
  sessions.add('session', tracker);
  tracker.registerCallback(() => undefined);
  tracker.start('tool_exec');
  clock.advance(2000);
  const { sent } = sessions.totals().keepalives;
  tracker.dispose();
  const isSame = tracker instanceof library.SessionActivityTracker;
  const isFilled = entries.every((entry) => Object.keys(entry).length > 0);
  console.log(JSON.stringify({ sent, events: diagnostics.events.length, isSame, isFilled }));
`;
const EXPECTED = JSON.stringify({ sent: 2, events: 3, isSame: true, isFilled: true });

const LOAD = {
  module: `${ENTRIES.map((entry, index) => `import * as entry${index} from '${entry}';`).join('\n')}
    const entries = [${ENTRIES.map((_, index) => `entry${index}`)}];`,
  commonjs: `const entries = [${ENTRIES.map((entry) => `require('${entry}')`)}];`,
};

/**
 * Uses the installed package.
 *
 * @param {{ bin: string }} node
 * @param {string} project
 * @param {'module' | 'commonjs'} type
 */
export function usePackage(node, project, type) {
  const args = [`--input-type=${type}`, '--eval', `${LOAD[type]}${SESSION}`];
  const { stdout, stderr } = run(join(node.bin, 'node'), args, { cwd: project, timeout: 60_000 });
  if (stdout.trim() !== EXPECTED) return { verdict: 'FAIL', errors: [stderr || stdout || 'no output'] };
  return stderr === '' ? { verdict: 'pass', errors: [] } : { verdict: 'FAIL', errors: [`on stderr: ${stderr}`] };
}

/**
 * Runs the test suite.
 *
 * @param {{ version: string, bin: string }} node
 * @param {string} directory - for the results.
 * @param {string} [path] - which tests, all by default.
 */
export function runTests(node, directory, path) {
  const results = join(directory, `results-${node.version}.json`);
  const jest = [join(ROOT, 'node_modules/jest/bin/jest.js'), '--silent', '--json', `--outputFile=${results}`];
  // Tests start `node` and `npm` too, which are to be run by this Node.
  const PATH = `${node.bin}${delimiter}${process.env.PATH}`;
  const { status, stderr } = run(
    join(node.bin, 'node'),
    ['--experimental-vm-modules', ...jest, ...(path === undefined ? [] : [path])],
    { cwd: ROOT, env: { ...process.env, PATH } },
  );
  let summary;
  try {
    summary = JSON.parse(readFileSync(results, 'utf8'));
  } catch {
    return { verdict: 'FAIL', errors: [`no results: ${stderr.slice(-2000)}`] };
  }
  const verdict = `${status === 0 ? 'pass' : 'FAIL'} (${summary.numPassedTests} of ${summary.numTotalTests})`;
  const errors = summary.testResults.filter((file) => file.status === 'failed').flatMap(failuresOf);
  if (status !== 0 && errors.length === 0) errors.push(`exit code ${status}: ${stderr.slice(-2000)}`);
  return { verdict, errors };
}

/** A file's failed tests, or why it could not be run. */
function failuresOf({ assertionResults, message }) {
  const failed = assertionResults.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return [message.slice(0, 2000)];
  return failed.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join('\n').slice(0, 2000)}`);
}

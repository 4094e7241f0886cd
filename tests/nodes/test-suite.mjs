import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ROOT, run } from './installations.mjs';

/**
 * Runs the test suite.
 *
 * @param {{ name: string, bin: string, command: string }} node
 * @param {string} directory - for the results.
 * @param {string} [path] - which tests, all by default.
 */
export function runTests(node, directory, path) {
  const results = join(directory, `results of ${node.name}.json`);
  const jest = [join(ROOT, 'node_modules/jest/bin/jest.js'), '--silent', '--json', `--outputFile=${results}`];
  // Tests start `node` and `npm` too, which are to be run by this Node.
  const PATH = `${node.bin}${delimiter}${process.env.PATH}`;
  const { status, stderr } = run(
    node.command,
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

import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { relative } from 'node:path';
import closeWithGrace from 'close-with-grace';
import { Fleet } from './fleet.mjs';
import { LOG_FILE, TTL_MS } from './plan.mjs';
import { inSeconds, play } from './story.mjs';

/** A shell's exit code for a command that was not found. */
const COMMAND_NOT_FOUND = 127;

const stopping = new AbortController();
const ended = tellStory();
// `beforeExit` is skipped, so that Node still fails (exit code 13) if the program stops before its end.
const grace = closeWithGrace({ delay: 5_000, skip: ['beforeExit'] }, async ({ err, signal }) => {
  stopping.abort();
  await ended;
  if (err) throw err;
  console.log(`Ended by ${signal}. All processes are stopped.`);
  // An interrupted run has proved nothing, so it must not exit with 0.
  if (signal) process.exit(128 + constants.signals[signal]);
});
process.exitCode = await ended;
grace.uninstall();

/** @returns {Promise<number>} the exit code */
async function tellStory() {
  const startedAtMs = performance.now();
  const fleet = new Fleet(stopping.signal);
  rmSync(LOG_FILE, { force: true });
  try {
    const findings = await play(fleet, (line) => {
      console.log(`${inSeconds(performance.now() - startedAtMs).padStart(6)}  ${line}`);
    });
    return judge(findings);
  } catch (error) {
    if (stopping.signal.aborted) return 1;
    if (!isMissingCommand(error)) {
      console.error(error);
      return 1;
    }
    console.error('redis-server is not installed. On Debian: apt-get install redis-server');
    return COMMAND_NOT_FOUND;
  } finally {
    await fleet.stop();
  }
}

/**
 * Prints the findings.
 *
 * @param {readonly import('./story.mjs').Finding[]} findings
 * @returns the exit code
 */
function judge(findings) {
  const rows = [{ what: '', expected: 'expected', actual: 'actual' }, ...findings];
  const width = Math.max(...rows.map(({ what }) => what.length));
  console.log();
  for (const { what, expected, actual } of rows) {
    console.log(`${what.padEnd(width)}  ${String(expected).padStart(8)}  ${String(actual).padStart(8)}`);
  }
  const wrong = findings.filter(({ expected, actual }) => actual !== expected);
  console.log();
  console.log(
    wrong.length === 0
      ? 'All sessions behaved as expected.'
      : `Not as expected: ${wrong.map(({ what }) => what).join('; ')}`,
  );
  console.log(
    `Why some of the sessions ended: node dist/report/cli.js ${relative('', LOG_FILE)} --limit ${TTL_MS / 1_000}s`,
  );
  return wrong.length === 0 ? 0 : 1;
}

/** @param {unknown} error */
function isMissingCommand(error) {
  return (
    error instanceof Error &&
    'syscall' in error &&
    error.syscall === 'spawn redis-server' &&
    'code' in error &&
    error.code === 'ENOENT'
  );
}

import { constants } from 'node:os';
import closeWithGrace from 'close-with-grace';
import { inSeconds } from './findings.mjs';
import { Fleet } from './fleet.mjs';
import { play } from './story.mjs';

/** As a shell's for a command that it does not find. */
const COMMAND_NOT_FOUND = 127;

const stopping = new AbortController();
const ended = tellStory();
// `beforeExit` is left to Node, which fails a program that stops short of its end.
const grace = closeWithGrace({ delay: 5_000, skip: ['beforeExit'] }, async ({ err, signal }) => {
  stopping.abort();
  await ended;
  if (err) throw err;
  console.log(`Ended by ${signal}. All processes are stopped.`);
  // What was cut short has shown nothing.
  if (signal) process.exit(128 + constants.signals[signal]);
});
process.exitCode = await ended;
grace.uninstall();

/** @returns {Promise<number>} the exit code */
async function tellStory() {
  const startedAtMs = performance.now();
  const fleet = new Fleet(stopping.signal);
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
    console.error('There is no redis-server here. On Debian: apt-get install redis-server');
    return COMMAND_NOT_FOUND;
  } finally {
    await fleet.stop();
  }
}

/**
 * Prints the findings, and judges them.
 *
 * @param {readonly import('./findings.mjs').Finding[]} findings
 */
function judge(findings) {
  const rows = [{ what: '', foretold: 'foretold', happened: 'happened' }, ...findings];
  const widthOf = (/** @type {'what' | 'foretold'} */ column) => Math.max(...rows.map((row) => row[column].length));
  const widths = { what: widthOf('what'), foretold: widthOf('foretold') };
  console.log();
  for (const { what, foretold, happened } of rows) {
    console.log(`${what.padEnd(widths.what)}  ${foretold.padEnd(widths.foretold)}  ${happened}`);
  }
  const wrong = findings.filter(({ foretold, happened }) => happened !== foretold);
  console.log();
  console.log(wrong.length === 0 ? 'All as foretold.' : `Not so: ${wrong.map(({ what }) => what).join('; ')}`);
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

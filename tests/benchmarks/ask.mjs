import { fork } from 'node:child_process';

/**
 * Runs one of the programs in a fresh process, so that no measurement is disturbed by the one before.
 *
 * @param {string} program - the file's name in `programs/`, without its ending.
 * @param {object} request - what to measure.
 * @param {string[]} flags - for Node, besides `--expose-gc`.
 * @returns {Promise<any>} the program's answer.
 */
export function ask(program, request, flags = []) {
  const file = new URL(`programs/${program}.mjs`, import.meta.url);
  return new Promise((resolve, reject) => {
    const child = fork(file, [JSON.stringify(request)], { execArgv: ['--expose-gc', ...flags] });
    let answer;
    child.on('message', (message) => {
      answer = message;
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (answer !== undefined) resolve(answer);
      else reject(new Error(`${program} ${JSON.stringify(request)} ended with ${signal ?? code} and no answer`));
    });
  });
}

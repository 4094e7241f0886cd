import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * A Node process of this example that answers questions, one at a time.
 *
 * @template Report
 */
export class ChildProcess {
  #name;
  #process;
  /** Resolves when it has ended. */
  ended;

  /**
   * @param {string} name
   * @param {string} file beside this one
   * @param {readonly string[]} args
   * @param {AbortSignal} signal kills it
   */
  constructor(name, file, args, signal) {
    this.#name = name;
    this.#process = fork(fileURLToPath(new URL(file, import.meta.url)), args, { signal, killSignal: 'SIGKILL' });
    this.ended = new Promise((resolve) => this.#process.once('close', resolve));
    // Killed by the signal, or asked when it is gone: the end of it tells enough.
    this.#process.on('error', () => {});
  }

  /** @returns {Promise<Report>} */
  report() {
    return this.ask('report');
  }

  /**
   * @param {string} question
   * @returns {Promise<any>}
   */
  async ask(question) {
    const gone = this.ended.then(() => {
      throw new Error(`${this.#name} is gone`);
    });
    const answered = once(this.#process, 'message');
    this.#process.send(question);
    const [answer] = await Promise.race([answered, gone]);
    return answer;
  }

  async kill() {
    this.#process.kill('SIGKILL');
    await this.ended;
  }
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A Node process that answers questions, one at a time. */
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
    // An abort, for example. It is enough to know that the process has ended.
    this.#process.on('error', () => {});
  }

  /**
   * @param {string} question
   * @returns {Promise<any>}
   */
  async ask(question) {
    const gone = this.ended.then(() => {
      throw new Error(`${this.#name} has ended`);
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

/**
 * The other end: answers the parent's questions, and ends with the parent.
 *
 * @param {Record<string, () => unknown>} answers by question
 */
export function answerParent(answers) {
  process.on('message', (question) => process.send?.(answers[String(question)]?.()));
  process.once('disconnect', () => process.exit());
  // Ctrl-C reaches every process of a terminal. The parent ends this one.
  process.on('SIGINT', () => {});
}

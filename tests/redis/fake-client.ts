import type { LeaseClient, LeasePipeline } from '../../src/redis/index.js';

type Answers = Awaited<ReturnType<LeasePipeline['exec']>>;

/** What a lease script was called with: its arguments, without its source and its keys. */
export type Call = readonly (string | number)[];

/** A client that records pipelines. By default it answers each call with `null`. */
export class FakeClient implements LeaseClient {
  readonly pipelines: Call[][] = [];
  answer: (calls: readonly Call[]) => Promise<Answers> = (calls) => Promise.resolve(calls.map(() => [null, null]));
  readonly #listeners = { ready: [] as (() => void)[], close: [] as (() => void)[], end: [] as (() => void)[] };

  constructor(public status = 'ready') {}

  on(event: 'ready' | 'close' | 'end', listener: () => void): void {
    this.#listeners[event].push(listener);
  }

  pipeline(): LeasePipeline {
    const calls: Call[] = [];
    return {
      eval: (_script, numberOfKeys, ...args) => calls.push(args.slice(numberOfKeys)),
      exec: () => {
        this.pipelines.push(calls);
        return this.answer(calls);
      },
    };
  }

  disconnect(): void {
    this.status = 'reconnecting';
    for (const listener of this.#listeners.close) listener();
  }

  /** Gives up connecting. */
  end(): void {
    this.status = 'end';
    for (const listener of this.#listeners.end) listener();
  }

  connect(): void {
    this.status = 'ready';
    for (const listener of this.#listeners.ready) listener();
  }
}

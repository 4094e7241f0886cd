import { describe, expect, it, jest } from '@jest/globals';
import { InProcessCleanupRegistry } from '../../src/index.js';

/** The error that `runAll` threw. */
async function failureOf(registry: InProcessCleanupRegistry): Promise<AggregateError> {
  return await registry.runAll().then(
    () => {
      throw new Error('runAll did not throw');
    },
    (error: unknown) => error as AggregateError,
  );
}

describe('InProcessCleanupRegistry', () => {
  describe('runAll', () => {
    it('does not run a cleanup that another one has unregistered before its turn', async () => {
      const registry = new InProcessCleanupRegistry();
      const ran: string[] = [];
      registry.register(() => {
        ran.push('first');
        unregister();
      });
      const unregister = registry.register(() => ran.push('second'));
      await registry.runAll();
      expect(ran).toEqual(['first']);
    });

    it('a second call waits for what the first has not finished', async () => {
      const registry = new InProcessCleanupRegistry();
      let finish: (() => void) | undefined;
      registry.register(() => new Promise<void>((resolve) => (finish = resolve)));
      const first = registry.runAll();
      let isDone = false;
      const second = registry.runAll().then(() => (isDone = true));
      await new Promise((resolve) => setImmediate(resolve));
      expect(isDone).toBe(false);
      finish?.();
      await Promise.all([first, second]);
      expect(isDone).toBe(true);
    });

    it('runs each cleanup once, also when it is called twice', async () => {
      const registry = new InProcessCleanupRegistry();
      const cleanups = [jest.fn(), jest.fn()];
      for (const cleanup of cleanups) registry.register(cleanup);
      await Promise.all([registry.runAll(), registry.runAll()]);
      await registry.runAll();
      expect(cleanups.map(({ mock }) => mock.calls)).toEqual([[[]], [[]]]);
    });

    it('runs a function as often as it was registered', async () => {
      const registry = new InProcessCleanupRegistry();
      const cleanup = jest.fn();
      registry.register(cleanup);
      registry.register(cleanup);
      await registry.runAll();
      expect(cleanup).toHaveBeenCalledTimes(2);
    });

    it('starts all at once, in the order in which they were registered', async () => {
      const registry = new InProcessCleanupRegistry();
      const steps: string[] = [];
      for (const name of ['a', 'b']) {
        registry.register(async () => {
          steps.push(`${name} starts`);
          await Promise.resolve();
          steps.push(`${name} ends`);
        });
      }
      const done = registry.runAll();
      expect(steps).toEqual(['a starts', 'b starts']);
      await done;
      expect(steps).toEqual(['a starts', 'b starts', 'a ends', 'b ends']);
    });

    it('waits for all, also when one has failed', async () => {
      const registry = new InProcessCleanupRegistry();
      let settled = false;
      let finish = (): void => undefined;
      registry.register(() => Promise.reject(new Error('at once')));
      registry.register(
        () =>
          new Promise<void>((resolve) => {
            finish = resolve;
          }),
      );
      const failure = failureOf(registry).finally(() => {
        settled = true;
      });
      await new Promise(setImmediate);
      expect(settled).toBe(false);
      finish();
      await failure;
      expect(settled).toBe(true);
    });

    it('throws one AggregateError with each error, in order, and no bad cleanup stops the others', async () => {
      const registry = new InProcessCleanupRegistry();
      const thrown = new Error('thrown');
      const rejected = new Error('rejected');
      const good = jest.fn();
      registry.register(() => {
        throw thrown;
      });
      registry.register(good);
      registry.register(() => Promise.reject(rejected));
      registry.register(good);
      const failure = await failureOf(registry);
      expect(failure).toBeInstanceOf(AggregateError);
      expect(failure.errors).toEqual([thrown, rejected]);
      expect(failure.message).toBe('2 of 4 cleanups failed');
      expect(good).toHaveBeenCalledTimes(2);
    });

    it('keeps what is thrown as it is when it is no Error', async () => {
      const registry = new InProcessCleanupRegistry();
      registry.register(() => ({ then: (_: unknown, reject: (reason: unknown) => void) => reject('a string') }));
      expect((await failureOf(registry)).errors).toEqual(['a string']);
    });

    it('does not run a failed cleanup again', async () => {
      const registry = new InProcessCleanupRegistry();
      const bad = jest.fn(() => {
        throw new Error('bad');
      });
      registry.register(bad);
      await failureOf(registry);
      await registry.runAll();
      expect(bad).toHaveBeenCalledTimes(1);
    });

    it('leaves what is registered meanwhile for the next call', async () => {
      const registry = new InProcessCleanupRegistry();
      const late = jest.fn();
      registry.register(() => registry.register(late));
      await registry.runAll();
      expect(late).not.toHaveBeenCalled();
      await registry.runAll();
      expect(late).toHaveBeenCalledTimes(1);
    });

    it('resolves when there is nothing to run', async () => {
      await expect(new InProcessCleanupRegistry().runAll()).resolves.toBeUndefined();
    });
  });

  describe('register', () => {
    it('returns the function that unregisters the cleanup, and that one alone', async () => {
      const registry = new InProcessCleanupRegistry();
      const cleanup = jest.fn();
      registry.register(cleanup);
      const unregister = registry.register(cleanup);
      unregister();
      unregister();
      await registry.runAll();
      expect(cleanup).toHaveBeenCalledTimes(1);
    });

    it('returns a function that does nothing once the cleanup has run', async () => {
      const registry = new InProcessCleanupRegistry();
      const unregister = registry.register(jest.fn());
      await registry.runAll();
      expect(unregister).not.toThrow();
    });

    it('refuses anything but a function, and registers nothing', async () => {
      const registry = new InProcessCleanupRegistry();
      expect(() => registry.register(undefined as never)).toThrow(
        new TypeError('Expected `cleanup` to be a function, got `undefined`'),
      );
      await expect(registry.runAll()).resolves.toBeUndefined();
    });

    it('installs no signal handler', () => {
      const before = process.eventNames().map((name) => [name, process.listenerCount(name)]);
      new InProcessCleanupRegistry().register(jest.fn());
      expect(process.eventNames().map((name) => [name, process.listenerCount(name)])).toEqual(before);
    });
  });
});

import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { SessionActivityTracker, SystemClock } from '../../src/index.js';

const store = new AsyncLocalStorage<string>();

/** One clock for all, made where none of its timers is. */
const clock = store.run('process', () => new SystemClock());

describe('SystemClock', () => {
  describe('async context', () => {
    it.each(['session', undefined])('of a callback is that of createTimer (%p), not that of schedule', async (own) => {
      const seen: (string | undefined)[] = [];
      const create = (): ReturnType<SystemClock['createTimer']> => clock.createTimer(() => seen.push(store.getStore()));
      const timer = own === undefined ? create() : store.run(own, create);

      store.run('request', () => {
        timer.schedule(1);
      });
      await sleep(15);
      store.run('another request', () => {
        timer.schedule(500);
        timer.schedule(1);
      });
      await sleep(15);

      expect(seen).toEqual([own, own]);
    });

    it('of a callback that schedules its own timer stays the same', async () => {
      const seen: (string | undefined)[] = [];
      const timer = store.run('session', () =>
        clock.createTimer(() => {
          if (seen.push(store.getStore()) < 3) timer.schedule(0);
        }),
      );
      store.run('request', () => {
        timer.schedule(0);
      });
      await sleep(30);
      expect(seen).toEqual(['session', 'session', 'session']);
    });

    it('of schedule is the same after the call as before', () => {
      const timer = store.run('session', () => clock.createTimer(() => undefined));
      store.run('request', () => {
        timer.schedule(1);
        expect(store.getStore()).toBe('request');
      });
      timer.cancel();
    });
  });

  describe('a pending Node timer', () => {
    it('belongs to the context of createTimer, and retains nothing of a request', () => {
      const seen: (string | undefined)[] = [];
      const hook = createHook({
        init: (_id, type) => {
          if (type === 'Timeout') seen.push(store.getStore());
        },
      }).enable();
      const timer = store.run('session', () => clock.createTimer(() => undefined));
      store.run('request', () => {
        timer.schedule(60_000);
      });
      hook.disable();
      timer.cancel();
      expect(seen).toEqual(['session']);
    });
  });

  describe('behind a tracker', () => {
    it.each(['session', undefined])(
      'runs what heartbeats call in the context of the construction (%p), not in that of a request',
      async (own) => {
        const seen: [what: string, store: string | undefined][] = [];
        const record = (what: string): void => void seen.push([what, store.getStore()]);
        const construct = (): SessionActivityTracker =>
          new SessionActivityTracker(
            clock,
            { log: (_, event) => record(event) },
            {
              isOpen: () => {
                record('gate');
                return true;
              },
            },
            { register: () => () => undefined },
            { intervalMs: 10, sendTimeoutMs: 5, cadence: 'steady' },
          );
        const tracker = own === undefined ? construct() : store.run(own, construct);

        store.run('request that registers', () => {
          tracker.registerCallback(({ signal }) => {
            record('send');
            signal.addEventListener('abort', () => record('abort'));
            return new Promise(() => undefined);
          });
        });
        const activity = store.run('request that starts', () => tracker.start('tool_exec'));
        await sleep(50);
        store.run('request that stops', () => {
          activity.stop();
        });
        await sleep(40);

        expect(seen.map(([what]) => what)).toEqual(
          expect.arrayContaining([
            'session_keepalive_heartbeat',
            'gate',
            'send',
            'session_keepalive_failed',
            'abort',
            'session_idle_10ms',
          ]),
        );
        expect(seen.filter(([, where]) => where !== own)).toEqual([]);
        store.run('request that disposes', () => {
          tracker.dispose();
        });
      },
    );
  });
});

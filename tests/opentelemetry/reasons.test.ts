import { describe, expect, it } from '@jest/globals';
import { instrumentSessionActivity } from '../../src/opentelemetry/index.js';
import { createMeteredHub, type MeteredHub } from './metered-hub.js';

/** Collects, and gives the running activities by reason. */
async function runningByReason({ pointsOf }: MeteredHub): Promise<unknown[] | undefined> {
  const points = await pointsOf('session_activity.activity.count');
  return points?.map(([attributes, count]) => [...Object.entries(attributes).flat(), count]);
}

const REASON = 'session_activity.activity.reason';

describe('instrumentSessionActivity', () => {
  describe('running activities', () => {
    it('are counted by reason over all sessions', async () => {
      await using metered = createMeteredHub();
      instrumentSessionActivity(metered.hub, metered.meter);
      const [one, two] = [metered.addSession('one'), metered.addSession('two')];
      for (const reason of ['api_call', 'api_call', 'tool_exec']) one.tracker.start(reason);
      for (const reason of ['api_call', '__proto__']) two.tracker.start(reason);
      const running = await runningByReason(metered);
      expect(running).toHaveLength(3);
      expect(new Set(running)).toEqual(
        new Set([
          [REASON, 'api_call', 3],
          [REASON, 'tool_exec', 1],
          [REASON, '__proto__', 1],
        ]),
      );
    });

    it('of a reason that was seen and no longer runs are reported as 0', async () => {
      await using metered = createMeteredHub();
      instrumentSessionActivity(metered.hub, metered.meter);
      const { tracker, remove } = metered.addSession('one');
      expect(await runningByReason(metered)).toBeUndefined();
      tracker.start('api_call');
      expect(await runningByReason(metered)).toEqual([[REASON, 'api_call', 1]]);
      tracker.stop('api_call');
      expect(await runningByReason(metered)).toEqual([[REASON, 'api_call', 0]]);
      remove();
      expect(await runningByReason(metered)).toEqual([[REASON, 'api_call', 0]]);
    });

    it('of reasons beyond maxReasons are reported as _OTHER', async () => {
      await using metered = createMeteredHub();
      instrumentSessionActivity(metered.hub, metered.meter, { maxReasons: 2 });
      const { tracker } = metered.addSession('one');
      tracker.start('first');
      await metered.collect();
      tracker.start('second');
      await metered.collect();
      for (const reason of ['third', 'fourth', 'third', 'first']) tracker.start(reason);
      expect(await runningByReason(metered)).toEqual([
        [REASON, 'first', 2],
        [REASON, 'second', 1],
        [REASON, '_OTHER', 3],
      ]);
      tracker.stop('second');
      tracker.stop('fourth');
      tracker.start('fifth');
      expect(await runningByReason(metered)).toEqual([
        [REASON, 'first', 2],
        [REASON, 'second', 0],
        [REASON, '_OTHER', 3],
      ]);
      tracker.dispose();
      expect(await runningByReason(metered)).toEqual([
        [REASON, 'first', 0],
        [REASON, 'second', 0],
        [REASON, '_OTHER', 0],
      ]);
    });

    it.each([
      ['by default', undefined, 21],
      ['for maxReasons: undefined', { maxReasons: undefined }, 21],
      ['for maxReasons: 1', { maxReasons: 1 }, 2],
    ])('of a thousand reasons make few time series %s', async (_, options, series) => {
      await using metered = createMeteredHub();
      instrumentSessionActivity(metered.hub, metered.meter, options);
      const { tracker } = metered.addSession('one');
      for (let i = 0; i < 1000; i++) tracker.start(`tool ${i}`);
      const running = await runningByReason(metered);
      expect(running).toHaveLength(series);
      expect(running?.at(-1)).toEqual([REASON, '_OTHER', 1001 - series]);
    });

    it('of a reason that is itself called _OTHER are counted among the others', async () => {
      await using metered = createMeteredHub();
      instrumentSessionActivity(metered.hub, metered.meter, { maxReasons: 1 });
      const { tracker } = metered.addSession('one');
      for (const reason of ['api_call', '_OTHER', 'tool_exec']) tracker.start(reason);
      await metered.collect();
      const running = await runningByReason(metered);
      expect(running?.at(-1)).toEqual([REASON, '_OTHER', 2]);
    });
  });
});

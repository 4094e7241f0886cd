import { describe, expect, it } from '@jest/globals';
import { instrumentSessionActivity } from '../../src/opentelemetry/index.js';
import { thrownBy } from '../support/thrown-by.js';
import { createMeteredHub } from './metered-hub.js';

const METER_METHODS =
  'createObservableUpDownCounter, createObservableGauge, createObservableCounter, addBatchObservableCallback, ' +
  'removeBatchObservableCallback';

describe('instrumentSessionActivity', () => {
  describe('bad arguments', () => {
    it.each([
      [undefined, '`undefined`'],
      [{ sessions: () => [] }, 'a value of type object'],
    ])('throws a TypeError for the hub %p', async (hub, shown) => {
      await using metered = createMeteredHub();
      const error = thrownBy(() => instrumentSessionActivity(hub as never, metered.meter));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty(
        'message',
        `Expected \`hub\` to be an object with the methods sessions, totals, got ${shown}`,
      );
    });

    it.each([
      [null, '`null`'],
      [{ createObservableGauge: () => undefined }, 'a value of type object'],
    ])('throws a TypeError for the meter %p', async (meter, shown) => {
      await using metered = createMeteredHub();
      const error = thrownBy(() => instrumentSessionActivity(metered.hub, meter as never));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty(
        'message',
        `Expected \`meter\` to be an object with the methods ${METER_METHODS}, got ${shown}`,
      );
    });

    const integer = 'Expected `maxReasons` to be an integer, 1 or more, got';
    it.each([
      [null, TypeError, 'Expected `options` to be an object, got `null`'],
      [{ maxReason: 5 }, TypeError, 'Expected `options` to have no properties but maxReasons, got `maxReason`'],
      [{ maxReasons: '5' }, TypeError, `${integer} \`"5"\` (string)`],
      [{ maxReasons: null }, TypeError, `${integer} \`null\``],
      [{ maxReasons: 0 }, RangeError, `${integer} \`0\` (number)`],
      [{ maxReasons: -1 }, RangeError, `${integer} \`-1\` (number)`],
      [{ maxReasons: 1.5 }, RangeError, `${integer} \`1.5\` (number)`],
      [{ maxReasons: Infinity }, RangeError, `${integer} \`Infinity\` (number)`],
      [{ maxReasons: NaN }, RangeError, `${integer} \`NaN\` (number)`],
    ])('throws for the options %p, and creates nothing on the meter', async (options, ErrorType, message) => {
      await using metered = createMeteredHub();
      const error = thrownBy(() => instrumentSessionActivity(metered.hub, metered.meter, options as never));
      expect(error).toBeInstanceOf(ErrorType);
      expect(error).toHaveProperty('message', message);
      expect(await metered.collect()).toEqual([]);
    });
  });
});

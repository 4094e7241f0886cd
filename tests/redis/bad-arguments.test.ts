import { describe, expect, it } from '@jest/globals';
import { RedisLeases } from '../../src/redis/index.js';
import { thrownBy } from '../support/thrown-by.js';
import { FakeClient } from './fake-client.js';

const create = (options: unknown): RedisLeases => new RedisLeases(new FakeClient(), options as never);
const ttlMs = 'Expected `ttlMs` to be a number of milliseconds from 1 to 2147483647, got';

describe('RedisLeases', () => {
  describe('bad arguments', () => {
    it.each([
      [undefined, '`undefined`'],
      ['redis://127.0.0.1', '`"redis://127.0.0.1"` (string)'],
      [{ on: () => undefined }, 'a value of type object'],
    ])('does not take %p for a client', (client, shown) => {
      const error = thrownBy(() => new RedisLeases(client as never, { ttlMs: 1 }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty(
        'message',
        `Expected \`client\` to be an object with the methods on, pipeline, got ${shown}`,
      );
    });

    it.each([
      [undefined, TypeError, 'Expected `options` to be an object, got `undefined`'],
      [
        { ttlMs: 1, ttl: 1 },
        TypeError,
        'Expected `options` to have no properties but ttlMs, hostId, prefix, got `ttl`',
      ],
      [{}, TypeError, `${ttlMs} \`undefined\``],
      [{ ttlMs: '90' }, TypeError, `${ttlMs} \`"90"\` (string)`],
      [{ ttlMs: 0 }, RangeError, `${ttlMs} \`0\` (number)`],
      [{ ttlMs: NaN }, RangeError, `${ttlMs} \`NaN\` (number)`],
      [{ ttlMs: Infinity }, RangeError, `${ttlMs} \`Infinity\` (number)`],
      [{ ttlMs: 1, hostId: '' }, TypeError, 'Expected `hostId` to be a non-empty string, got `""` (string)'],
      [{ ttlMs: 1, hostId: 7 }, TypeError, 'Expected `hostId` to be a non-empty string, got `7` (number)'],
      [{ ttlMs: 1, prefix: '' }, TypeError, 'Expected `prefix` to be a non-empty string, got `""` (string)'],
      [
        { ttlMs: 1, prefix: '{a}' },
        RangeError,
        'Expected `prefix` to be a string without braces, got `"{a}"` (string)',
      ],
    ])('rejects the options %p', (options, ErrorType, message) => {
      const error = thrownBy(() => create(options));
      expect(error).toBeInstanceOf(ErrorType);
      expect(error).toHaveProperty('message', message);
    });

    it.each([
      ['', '`""` (string)'],
      [undefined, '`undefined`'],
      [7, '`7` (number)'],
    ])('rejects the session id %p', (sessionId, shown) => {
      const leases = create({ ttlMs: 1, hostId: undefined, prefix: undefined });
      const expected = `Expected \`sessionId\` to be a non-empty string, got ${shown}`;
      for (const call of [() => leases.sender(sessionId as never), () => leases.release(sessionId as never)]) {
        const error = thrownBy(call);
        expect(error).toBeInstanceOf(TypeError);
        expect(error).toHaveProperty('message', expected);
      }
    });
  });
});

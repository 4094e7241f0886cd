import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';
import { startFixture } from './start-fixture.js';

jest.setTimeout(60_000);

beforeAll(() => {
  builtPackage();
});

describe('a server whose requests start work', () => {
  describe('the AsyncLocalStorage store of a request', () => {
    it('is seen by what the request calls, and by no beat or idle event that its work causes', async () => {
      using child = startFixture('request-context');
      const { code, lines, stderr } = await child.ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const seen = JSON.parse(lines[0] ?? '') as [what: string, store: string | null][];
      const storesOf = (name: string): unknown[] => [
        ...new Set(seen.filter(([what]) => what === name).map(([, store]) => store)),
      ];
      expect(storesOf('request')).toEqual(['/first', '/second']);
      expect(storesOf('signal is sent')).toEqual(['/first', '/second']);
      for (const unasked of ['session_keepalive_heartbeat', 'heartbeat is sent', 'heartbeat was sent']) {
        expect([unasked, storesOf(unasked)]).toEqual([unasked, [null]]);
      }
      expect(storesOf('session_idle_40ms')).toEqual([null]);
    });
  });
});

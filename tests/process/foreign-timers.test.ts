import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';
import { startFixture } from './start-fixture.js';

jest.setTimeout(60_000);

beforeAll(() => {
  builtPackage();
});

describe('a process whose timers are replaced', () => {
  describe('by fake timers that leave `performance` alone', () => {
    it.each(['node:test', 'sinon'])('beats at each interval: %s', async (framework) => {
      using child = startFixture('fake-timers', framework);
      const { code, lines } = await child.ended;
      expect(code).toBe(0);
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([{ refcount: 1, lateHeartbeats: 0, sent: 10 }]);
    });
  });

  describe('by zone.js', () => {
    it('beats', async () => {
      using child = startFixture('zone');
      const { code, lines, stderr } = await child.ended;
      expect({ code, lines, stderr }).toEqual({ code: 0, lines: ['beat', 'beat', 'beat'], stderr: '' });
    });
  });
});

import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';
import { startFixture } from './start-fixture.js';

jest.setTimeout(60_000);

beforeAll(() => {
  builtPackage();
});

async function outcomeOf(scenario: string): Promise<unknown> {
  using child = startFixture('collected-streams', scenario);
  const { code, signal, lines, stderr } = await child.ended;
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  return JSON.parse(lines[0] ?? '');
}

describe('a tracked stream', () => {
  describe('that is garbage-collected', () => {
    it.each([
      ['iterator', { before: 1, after: 0 }],
      ['readable stream', { before: 1, after: 0, reason: 'cancelled' }],
      ['unread response', { before: 1, after: 0, closed: true }],
    ])('ends its activity: %s', async (scenario, expected) => {
      expect(await outcomeOf(scenario)).toEqual(expected);
    });
  });

  it.each(['response that is read late', 'body that is read late', 'clone that is read late'])(
    'loses no byte to a collection between the headers and the first read: %s',
    async (scenario) => {
      expect(await outcomeOf(scenario)).toEqual({ before: 1, complete: true, after: 0 });
    },
  );

  it('shares one registry with all others of its tracker, which the first one makes', async () => {
    expect(await outcomeOf('registries of a tracker with many streams')).toEqual({ before: 0, after: 1 });
  });

  it('reports a failure that its reader ignores as unhandled, once', async () => {
    expect(await outcomeOf('ignored failure')).toEqual({ unhandled: ['lost'], after: 0 });
  });

  it('does not keep the process alive while a read is pending', async () => {
    expect(await outcomeOf('pending read')).toEqual({ after: 1 });
  });
});

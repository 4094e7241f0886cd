import { describe, expect, it, jest } from '@jest/globals';
import { type KeepaliveSend, NOT_SENT } from '../../src/index.js';
import { combineSenders } from '../../src/senders/index.js';
import { createTestTracker } from '../../src/testing/index.js';
import { defer } from '../support/deferred.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { keepalive } from './keepalive.js';

const sent: KeepaliveSend = () => undefined;
const unsent: KeepaliveSend = () => Promise.resolve(NOT_SENT);
const throws: KeepaliveSend = () => {
  throw new Error('thrown');
};
const rejects: KeepaliveSend = () => Promise.reject(new Error('rejected'));

describe('combineSenders', () => {
  it('calls all at once with the same keep-alive, whatever one of them does', () => {
    const senders = [jest.fn(throws), jest.fn(() => defer().promise), jest.fn(sent)];
    const given = keepalive();
    void combineSenders(...senders)(given);
    expect(senders.map(({ mock }) => mock.calls)).toEqual([[[given]], [[given]], [[given]]]);
  });

  it('waits for all, even after a failure', async () => {
    const { promise, resolve } = defer();
    let isSettled = false;
    const sending = Promise.resolve(combineSenders(throws, () => promise)(keepalive()));
    const settled = sending.catch(() => (isSettled = true));
    await eventLoopTurn();
    expect(isSettled).toBe(false);
    resolve();
    await settled;
    expect(isSettled).toBe(true);
  });

  it('fails with the first failure in the order of the arguments', async () => {
    await expect(combineSenders(sent, rejects, throws)(keepalive())).rejects.toThrow('rejected');
    await expect(combineSenders(unsent, throws, rejects)(keepalive())).rejects.toThrow('thrown');
  });

  it('gives NOT_SENT only if all of them do', async () => {
    await expect(combineSenders(unsent, () => NOT_SENT)(keepalive())).resolves.toBe(NOT_SENT);
    await expect(combineSenders(unsent, sent)(keepalive())).resolves.toBeUndefined();
    await expect(combineSenders()(keepalive())).resolves.toBe(NOT_SENT);
  });

  it('takes senders of a tracker with reasons of its own', async () => {
    type Reason = 'cell' | 'kernel_start';
    const { clock, tracker } = createTestTracker<Reason>();
    const cells: unknown[] = [];
    tracker.registerCallback(combineSenders<Reason>(sent, ({ active }) => void cells.push(active.cell)));
    tracker.start('cell');
    clock.advance(30_000);
    await eventLoopTurn();
    expect(cells).toEqual([1]);
    expect(tracker.snapshot().keepalives.sent).toBe(1);
    tracker.dispose();
  });
});

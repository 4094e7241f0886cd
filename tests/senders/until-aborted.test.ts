import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { untilAborted } from '../../src/senders/until-aborted.js';
import { defer } from '../support/deferred.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { abortedSignal } from './keepalive.js';

describe('untilAborted', () => {
  it('settles as the promise does and leaves no listener', async () => {
    const { signal } = new AbortController();
    await expect(untilAborted(signal, Promise.resolve('value'))).resolves.toBeUndefined();
    await expect(untilAborted(signal, Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('rejects with the reason of an abort, leaves no listener and nothing unhandled', async () => {
    const controller = new AbortController();
    const { promise, reject } = defer();
    const waiting = untilAborted(controller.signal, promise);
    controller.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    reject(new Error('too late'));
    await eventLoopTurn();
  });

  it('rejects when the signal was aborted before', async () => {
    await expect(untilAborted(abortedSignal('before'), defer().promise)).rejects.toBe('before');
  });

  it('rejects when the abort comes in the same turn as the value', async () => {
    const controller = new AbortController();
    const { promise, resolve } = defer();
    const waiting = untilAborted(controller.signal, promise);
    resolve();
    controller.abort('at once');
    await expect(waiting).rejects.toBe('at once');
  });
});

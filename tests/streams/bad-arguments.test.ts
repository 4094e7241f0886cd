import { describe, expect, it, jest } from '@jest/globals';
import { type SessionActivityReason, trackFetch } from '../../src/index.js';
import { createTestTracker } from '../../src/testing/index.js';

describe('track', () => {
  it.each([
    ['undefined', undefined, '`undefined`'],
    ['a promise of a stream', Promise.resolve(new ReadableStream()), 'a value of type object'],
    ['an array', ['chunk'], 'a value of type object'],
    ['an iterator without Symbol.asyncIterator', { next: jest.fn() }, 'a value of type object'],
    ['a string', 'text', '`"text"` (string)'],
  ])('refuses %s as a source', (_what, source, got) => {
    const { tracker } = createTestTracker();
    expect(() => tracker.track('api_call', source as unknown as AsyncIterable<unknown>)).toThrow(
      new TypeError(`Expected \`source\` to be a ReadableStream or an async iterable, got ${got}`),
    );
  });

  it.each(['', undefined, 1])('refuses %p as a reason and leaves the source alone', (reason) => {
    const { tracker } = createTestTracker();
    const source = new ReadableStream();
    expect(() => tracker.track(reason as SessionActivityReason, source)).toThrow('Expected `reason` to be');
    expect(source.locked).toBe(false);
  });
});

describe('trackFetch', () => {
  it.each(['', undefined, 1])('refuses %p as a reason, before any call', (reason) => {
    const { tracker } = createTestTracker();
    expect(() => trackFetch(tracker, reason as SessionActivityReason)).toThrow(/^Expected `reason` to be /);
  });

  it.each([null, 'fetch', {}])('refuses %p as a fetch', (fetch) => {
    const { tracker } = createTestTracker();
    expect(() => trackFetch(tracker, 'api_call', fetch as unknown as typeof globalThis.fetch)).toThrow(
      /^Expected `fetch` to be a function, got /,
    );
  });

  it.each([undefined, {}, { start: jest.fn() }])('refuses %p as a tracker', (tracker) => {
    expect(() => trackFetch(tracker as never, 'api_call')).toThrow(/^Expected `tracker` to be /);
  });
});

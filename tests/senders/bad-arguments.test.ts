import { PassThrough } from 'node:stream';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  combineSenders,
  holdLease,
  httpKeepalive,
  mcpProgress,
  sseComment,
  webSocketPing,
} from '../../src/senders/index.js';
import { thrownBy } from '../support/thrown-by.js';

const socket = { readyState: 1, bufferedAmount: 0, send: () => undefined };
const pingable = { ...socket, ping: () => undefined };
const response = new PassThrough();
const extra = { sendNotification: () => Promise.resolve() };
const writer = { ready: Promise.resolve(), closed: Promise.resolve(), write: () => Promise.resolve() };
const url = 'https://example.com';
const session = { observe: () => () => undefined };
const lease = { renew: () => undefined, release: () => undefined };

type Case = [call: string, create: () => unknown, type: typeof TypeError | typeof RangeError, message: string];

const CASES: Case[] = [
  ['webSocketPing(null)', () => webSocketPing(null as never), TypeError, '`socket` to be an object, got `null`'],
  [
    'webSocketPing without readyState',
    () => webSocketPing({ ...socket, readyState: undefined } as never),
    TypeError,
    '`socket.readyState` to be a number, got `undefined`',
  ],
  [
    'webSocketPing without bufferedAmount',
    () => webSocketPing({ readyState: 1 } as never),
    TypeError,
    '`socket.bufferedAmount` to be a number, got `undefined`',
  ],
  [
    'webSocketPing without ping or message',
    () => webSocketPing(socket),
    TypeError,
    '`message` to be text or bytes, for a socket without `ping`, got `undefined`',
  ],
  [
    'webSocketPing without ping or send',
    () => webSocketPing({ ...socket, send: undefined } as never, { message: '' }),
    TypeError,
    '`socket` to be an object with the methods send, got a value of type object',
  ],
  [
    'webSocketPing with a message of another type',
    () => webSocketPing(pingable, { message: 7 as never }),
    TypeError,
    '`message` to be text or bytes, got `7` (number)',
  ],
  [
    'webSocketPing with an unknown option',
    () => webSocketPing(pingable, { maxBuffered: 1 } as never),
    TypeError,
    '`options` to have no properties but message, maxBufferedBytes, got `maxBuffered`',
  ],
  [
    'webSocketPing with maxBufferedBytes of another type',
    () => webSocketPing(pingable, { maxBufferedBytes: '1' as never }),
    TypeError,
    '`maxBufferedBytes` to be a number of bytes of at least 0, got `"1"` (string)',
  ],
  ...[-1, NaN].map((maxBufferedBytes): Case => [
    `webSocketPing with maxBufferedBytes ${maxBufferedBytes}`,
    () => webSocketPing(pingable, { maxBufferedBytes }),
    RangeError,
    `\`maxBufferedBytes\` to be a number of bytes of at least 0, got \`${maxBufferedBytes}\` (number)`,
  ]),
  [
    'sseComment(undefined)',
    () => sseComment(undefined as never),
    TypeError,
    '`response` to be an object, got `undefined`',
  ],
  [
    'sseComment of no response',
    () => sseComment({ write: () => true } as never),
    TypeError,
    '`response` to be an object with the methods write, addListener, removeListener, got a value of type object',
  ],
  [
    'sseComment of a writer without write',
    () => sseComment({ ...writer, write: undefined } as never),
    TypeError,
    '`response` to be an object with the methods write, got a value of type object',
  ],
  [
    'sseComment of a writer without a promise for ready',
    () => sseComment({ ...writer, ready: true } as never),
    TypeError,
    '`response.ready` to be an object with the methods then, got `true` (boolean)',
  ],
  [
    'sseComment of a writer without closed',
    () => sseComment({ ...writer, closed: undefined } as never),
    TypeError,
    '`response.closed` to be an object with the methods then, got `undefined`',
  ],
  [
    'sseComment with an unknown option',
    () => sseComment(response, { text: '' } as never),
    TypeError,
    '`options` to have no properties but comment, got `text`',
  ],
  [
    'sseComment with a comment of another type',
    () => sseComment(response, { comment: null as never }),
    TypeError,
    '`comment` to be a string without a line break, got `null`',
  ],
  ...['a\nb', 'a\r'].map((comment): Case => [
    `sseComment with the comment ${JSON.stringify(comment)}`,
    () => sseComment(response, { comment }),
    RangeError,
    `\`comment\` to be a string without a line break, got \`${JSON.stringify(comment)}\` (string)`,
  ]),
  [
    'mcpProgress(undefined)',
    () => mcpProgress(undefined as never),
    TypeError,
    '`extra` to be an object with the methods sendNotification, got `undefined`',
  ],
  [
    'mcpProgress with an unknown option',
    () => mcpProgress(extra, { total: 1 } as never),
    TypeError,
    '`options` to have no properties but message, latest, step, got `total`',
  ],
  [
    'mcpProgress with a message of another type',
    () => mcpProgress(extra, { message: 1 as never }),
    TypeError,
    '`message` to be a string, got `1` (number)',
  ],
  [
    'mcpProgress with latest of another type',
    () => mcpProgress(extra, { latest: 1 as never }),
    TypeError,
    '`latest` to be a function, got `1` (number)',
  ],
  [
    'mcpProgress with a step of another type',
    () => mcpProgress(extra, { step: '1' as never }),
    TypeError,
    '`step` to be a finite number above 0, got `"1"` (string)',
  ],
  ...[0, NaN, Infinity].map((step): Case => [
    `mcpProgress with step ${step}`,
    () => mcpProgress(extra, { step }),
    RangeError,
    `\`step\` to be a finite number above 0, got \`${step}\` (number)`,
  ]),
  ...[
    ['/alive', '`"/alive"` (string)'],
    ['ftp://a', '`"ftp://a"` (string)'],
    ['xhttp://a', '`"xhttp://a"` (string)'],
    [null, '`null`'],
    [{}, 'a value of type object'],
  ].map(([given, shown]: unknown[]): Case => [
    `httpKeepalive(${JSON.stringify(given)})`,
    () => httpKeepalive(given as never),
    TypeError,
    `\`url\` to be an absolute http: or https: URL, got ${shown as string}`,
  ]),
  ...['https://name@example.com', 'https://:secret@example.com'].map((given): Case => [
    `httpKeepalive(${given})`,
    () => httpKeepalive(given),
    TypeError,
    '`url` to be a URL without user name and password, got one with them',
  ]),
  [
    'httpKeepalive with options null',
    () => httpKeepalive(url, null as never),
    TypeError,
    '`options` to be an object, got `null`',
  ],
  [
    'httpKeepalive with an unknown option',
    () => httpKeepalive(url, { redirect: 'error' } as never),
    TypeError,
    '`options` to have no properties but method, headers, body, accept, signal, fetch, got `redirect`',
  ],
  [
    'httpKeepalive with another method',
    () => httpKeepalive(url, { method: 'GET' as never }),
    RangeError,
    '`method` to be `POST`, `PUT` or `PATCH`, got `"GET"` (string)',
  ],
  [
    'httpKeepalive with a method of another type',
    () => httpKeepalive(url, { method: 1 as never }),
    TypeError,
    '`method` to be `POST`, `PUT` or `PATCH`, got `1` (number)',
  ],
  ...['x-session: 42', null].map((headers): Case => [
    `httpKeepalive with the headers ${headers}`,
    () => httpKeepalive(url, { headers: headers as never }),
    TypeError,
    `\`headers\` to be an object, got ${headers === null ? '`null`' : `\`${JSON.stringify(headers)}\` (string)`}`,
  ]),
  ...[{ 'x session': '42' }, { 'x-session': '4\n2' }, [['x-session']]].map((headers): Case => [
    `httpKeepalive with the headers ${JSON.stringify(headers)}`,
    () => httpKeepalive(url, { headers: headers as never }),
    TypeError,
    '`headers` to be valid HTTP headers, got one with an invalid name or value',
  ]),
  ...[{ beat: 1 }, [1], new ReadableStream(), new PassThrough(), 7].map((body): Case => [
    `httpKeepalive with another body, ${Object.prototype.toString.call(body)}`,
    () => httpKeepalive(url, { body: body as never }),
    TypeError,
    `\`body\` to be text, bytes or a form, or a function that gives them, got ${body === 7 ? '`7` (number)' : 'a value of type object'}`,
  ]),
  ...['accept', 'fetch'].map((name): Case => [
    `httpKeepalive with ${name} of another type`,
    () => httpKeepalive(url, { [name]: 200 as never }),
    TypeError,
    `\`${name}\` to be a function, got \`200\` (number)`,
  ]),
  ...['abort', null].map((signal): Case => [
    `httpKeepalive with the signal ${signal}`,
    () => httpKeepalive(url, { signal: signal as never }),
    TypeError,
    `\`signal\` to be an AbortSignal, got ${signal === null ? '`null`' : '`"abort"` (string)'}`,
  ]),
  [
    'combineSenders of something else than functions',
    () => combineSenders(() => undefined, [] as never),
    TypeError,
    '`senders[1]` to be a function, got a value of type object',
  ],
  [
    'holdLease of no tracker',
    () => holdLease({} as never, lease),
    TypeError,
    '`tracker` to be an object with the methods observe, got a value of type object',
  ],
  [
    'holdLease without options',
    () => holdLease(session, undefined as never),
    TypeError,
    '`options` to be an object, got `undefined`',
  ],
  [
    'holdLease with an unknown option',
    () => holdLease(session, { ...lease, ttl: 1 } as never),
    TypeError,
    '`options` to have no properties but renew, release, got `ttl`',
  ],
  ...['renew', 'release'].map((name): Case => [
    `holdLease without ${name}`,
    () => holdLease(session, { ...lease, [name]: undefined }),
    TypeError,
    `\`${name}\` to be a function, got \`undefined\``,
  ]),
];

describe('senders', () => {
  describe('bad arguments', () => {
    it.each(CASES)('%s', (_call, create, type, message) => {
      const error = thrownBy(create);
      expect(error).toBeInstanceOf(type);
      expect(error).toHaveProperty('message', `Expected ${message}`);
    });

    it('quote nothing of an invalid header, whose value may be a secret', () => {
      const error = thrownBy(() => httpKeepalive(url, { headers: { authorization: 'Bearer secret\nx' } }));
      expect(inspect(error)).not.toContain('secret');
    });
  });

  describe('good arguments', () => {
    it('are taken as they are', () => {
      const { signal } = new AbortController();
      expect(() => [
        webSocketPing(pingable, { maxBufferedBytes: Infinity }),
        webSocketPing(socket, { message: '' }),
        sseComment(writer, { comment: '' }),
        mcpProgress(extra, { step: Number.MIN_VALUE }),
        httpKeepalive(new URL(url), { signal, body: null }),
        httpKeepalive(url, { headers: new Headers(), body: new Uint8Array(1), accept: () => true, fetch }),
        httpKeepalive(url, { headers: [['a', 'b']], body: () => 'text' }),
        httpKeepalive(url, { body: new FormData() }),
        httpKeepalive(url, { body: new URLSearchParams() }),
        httpKeepalive(url, { body: new Blob([]) }),
        httpKeepalive(url, { body: Buffer.from('text') }),
        combineSenders(),
        holdLease(session, lease),
      ]).not.toThrow();
    });
  });
});

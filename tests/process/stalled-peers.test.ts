import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';
import { startFixture } from './start-fixture.js';

jest.setTimeout(60_000);

beforeAll(() => {
  builtPackage();
});

describe('senders', () => {
  describe('whose peers stop reading', () => {
    it('pile up no listener and no bytes, cause no warning of Node, and go on when they read again', async () => {
      using child = startFixture('stalled-peers');
      const { code, lines, stderr } = await child.ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const response = { sent: 0, listeners: 1, listenersAfterwards: 0 };
      expect(JSON.parse(lines[0] ?? '')).toEqual({
        expressWithCompression: response,
        overHttp2: response,
        webStream: ['\0', ': keep-alive\n\n', ': keep-alive\n\n'],
        // The listener is the SDK's, of the one notification that is pending.
        mcpOverStdio: { sent: 0, addedBytes: 0, listeners: 1 },
        sharedSignal: { requests: 300 },
      });
    });
  });
});

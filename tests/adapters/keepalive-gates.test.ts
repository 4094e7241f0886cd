import { afterEach, describe, expect, it } from '@jest/globals';
import { EnvKeepaliveGate, StaticKeepaliveGate } from '../../src/index.js';

const DEFAULT_VARIABLE = 'CLAUDE_CODE_REMOTE_SEND_KEEPALIVES';
const OWN_VARIABLE = 'SESSION_ACTIVITY_TRACKER_TEST_GATE';

describe('EnvKeepaliveGate', () => {
  const before = process.env[DEFAULT_VARIABLE];

  afterEach(() => {
    process.env[DEFAULT_VARIABLE] = before;
    if (before === undefined) Reflect.deleteProperty(process.env, DEFAULT_VARIABLE);
    Reflect.deleteProperty(process.env, OWN_VARIABLE);
  });

  describe('isOpen', () => {
    it.each(['1', 'true', 'yes', 'on', 'TRUE', 'Yes', 'oN', ' 1 ', '\ttrue\n', '  ON'])('is open for %j', (value) => {
      process.env[DEFAULT_VARIABLE] = value;
      expect(new EnvKeepaliveGate().isOpen()).toBe(true);
    });

    it.each(['', ' ', '0', 'false', 'no', 'off', '2', '11', 'y', 't', 'enabled', 'tr ue', '1,', 'undefined'])(
      'is closed for %j',
      (value) => {
        process.env[DEFAULT_VARIABLE] = value;
        expect(new EnvKeepaliveGate().isOpen()).toBe(false);
      },
    );

    it('is closed while the variable is not set', () => {
      Reflect.deleteProperty(process.env, DEFAULT_VARIABLE);
      expect(new EnvKeepaliveGate().isOpen()).toBe(false);
    });

    it('reads the variable at every call', () => {
      const gate = new EnvKeepaliveGate();
      process.env[DEFAULT_VARIABLE] = '1';
      expect(gate.isOpen()).toBe(true);
      process.env[DEFAULT_VARIABLE] = '0';
      expect(gate.isOpen()).toBe(false);
      process.env[DEFAULT_VARIABLE] = 'on';
      expect(gate.isOpen()).toBe(true);
    });

    it('reads its own variable and no other', () => {
      const gate = new EnvKeepaliveGate(OWN_VARIABLE);
      process.env[DEFAULT_VARIABLE] = '1';
      expect(gate.isOpen()).toBe(false);
      process.env[OWN_VARIABLE] = '1';
      process.env[DEFAULT_VARIABLE] = '0';
      expect(gate.isOpen()).toBe(true);
    });
  });

  describe('constructor', () => {
    it.each([
      ['', '`""` (string)'],
      [null, '`null`'],
      [1, '`1` (number)'],
    ])('refuses the variable %j', (variable, given) => {
      expect(() => new EnvKeepaliveGate(variable as string)).toThrow(
        new TypeError(`Expected \`variable\` to be a non-empty string, got ${given}`),
      );
    });
  });
});

describe('StaticKeepaliveGate', () => {
  it('takes nothing but a boolean', () => {
    expect(() => new StaticKeepaliveGate('yes' as never)).toThrow(
      new TypeError('Expected `open` to be a boolean, got `"yes"` (string)'),
    );
  });

  it.each([true, false])('is always %p', (open) => {
    const gate = new StaticKeepaliveGate(open);
    expect([gate.isOpen(), gate.isOpen()]).toEqual([open, open]);
  });
});

import { describe, expect, it, jest } from '@jest/globals';
import { ManualCleanupRegistry, RecordingDiagnosticsLogger, SwitchableKeepaliveGate } from '../../src/testing/index.js';

describe('RecordingDiagnosticsLogger', () => {
  it('records every event in order, as it was logged', () => {
    const logger = new RecordingDiagnosticsLogger();
    logger.log('debug', 'session_keepalive_heartbeat', { refcount: 1 });
    logger.log('info', 'session_idle_30s');
    expect(logger.events).toStrictEqual([
      { level: 'debug', event: 'session_keepalive_heartbeat', data: { refcount: 1 } },
      { level: 'info', event: 'session_idle_30s' },
    ]);
  });

  it('can be emptied', () => {
    const logger = new RecordingDiagnosticsLogger();
    logger.log('info', 'session_idle_30s');
    logger.events.length = 0;
    logger.log('info', 'session_idle_60s');
    expect(logger.events).toEqual([{ level: 'info', event: 'session_idle_60s' }]);
  });
});

describe('SwitchableKeepaliveGate', () => {
  it('is open at first, unless it is made closed', () => {
    expect(new SwitchableKeepaliveGate().isOpen()).toBe(true);
    expect(new SwitchableKeepaliveGate(false).isOpen()).toBe(false);
  });

  it('closes and opens as often as wanted', () => {
    const gate = new SwitchableKeepaliveGate();
    gate.close();
    gate.close();
    expect(gate.isOpen()).toBe(false);
    gate.open();
    expect(gate.isOpen()).toBe(true);
  });
});

describe('ManualCleanupRegistry', () => {
  it('registers functions only', () => {
    const registry = new ManualCleanupRegistry();
    expect(() => registry.register(5 as never)).toThrow('Expected `cleanup` to be a function, got `5` (number)');
    expect(registry.size).toBe(0);
  });

  it('counts its cleanups and runs each once, in order', () => {
    const registry = new ManualCleanupRegistry();
    const ran: string[] = [];
    registry.register(() => ran.push('a'));
    registry.register(() => ran.push('b'));
    expect(registry.size).toBe(2);
    registry.runAll();
    registry.runAll();
    expect(ran).toEqual(['a', 'b']);
    expect(registry.size).toBe(0);
  });

  it('unregisters a cleanup once, also when the same function is registered twice', () => {
    const registry = new ManualCleanupRegistry();
    const cleanup = jest.fn();
    registry.register(cleanup);
    const takeBack = registry.register(cleanup);
    takeBack();
    takeBack();
    expect(registry.size).toBe(1);
    registry.runAll();
    expect(cleanup).toHaveBeenCalledTimes(1);
  });

  it('does not run what an earlier cleanup unregisters', () => {
    const registry = new ManualCleanupRegistry();
    const later = jest.fn();
    let takeBack = (): void => undefined;
    registry.register(() => {
      takeBack();
    });
    takeBack = registry.register(later);
    registry.runAll();
    expect(later).not.toHaveBeenCalled();
  });

  it('runs every cleanup though one throws, and leaves those registered meanwhile for the next time', () => {
    const registry = new ManualCleanupRegistry();
    const later = jest.fn();
    registry.register(() => {
      registry.register(later);
      throw new Error('broken');
    });
    const other = jest.fn();
    registry.register(other);
    expect(() => registry.runAll()).toThrow('1 cleanups failed');
    expect(other).toHaveBeenCalledTimes(1);
    expect(later).not.toHaveBeenCalled();
    expect(registry.size).toBe(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import {
  CLEANUP_REGISTRY,
  CLOCK,
  DIAGNOSTICS_LOGGER,
  KEEPALIVE_GATE,
  SESSION_ACTIVITY_HUB,
  SESSION_ACTIVITY_TRACKER,
  TRACKER_OPTIONS,
} from '../../src/index.js';

describe('tokens', () => {
  it('are registered symbols of the package, so that two copies of it agree', () => {
    const ports = [CLOCK, DIAGNOSTICS_LOGGER, KEEPALIVE_GATE, CLEANUP_REGISTRY] as symbol[];
    const tokens = [
      ...ports,
      TRACKER_OPTIONS as symbol,
      SESSION_ACTIVITY_HUB as symbol,
      SESSION_ACTIVITY_TRACKER as symbol,
    ];
    expect(tokens.map((token) => Symbol.keyFor(token))).toEqual([
      'session-activity-tracker/clock',
      'session-activity-tracker/diagnostics-logger',
      'session-activity-tracker/keepalive-gate',
      'session-activity-tracker/cleanup-registry',
      'session-activity-tracker/tracker-options',
      'session-activity-tracker/session-activity-hub',
      'session-activity-tracker/session-activity-tracker',
    ]);
  });
});

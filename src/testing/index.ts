export { ManualClock } from './manual-clock.js';
export { ManualCleanupRegistry } from './manual-cleanup-registry.js';
export { type RecordedEvent, RecordingDiagnosticsLogger } from './recording-diagnostics-logger.js';
export { SwitchableKeepaliveGate } from './switchable-keepalive-gate.js';
export { createTestTracker, type TestTracker } from './create-test-tracker.js';

import { performance } from 'node:perf_hooks';
import { NaiveTracker } from './naive.mjs';
import { cleanup, diagnostics, gate, send } from './surroundings.mjs';

/** The naive tracker, which also tells when a beat is late: one clock read each. */
class NaiveTrackerWithLateness extends NaiveTracker {
  startHeartbeat() {
    let dueAtMs = performance.now() + this.intervalMs;
    this.heartbeat = setInterval(() => {
      const nowMs = performance.now();
      const lateMs = nowMs - dueAtMs;
      // From now, as `setInterval` counts: otherwise every beat would be late once one has been.
      dueAtMs = nowMs + this.intervalMs;
      if (lateMs >= this.intervalMs / 10) this.diagnostics.log('warn', 'session_keepalive_late', { late_ms: lateMs });
      this.diagnostics.log('debug', 'session_keepalive_heartbeat', { refcount: this.refcount });
      if (this.gate.isOpen()) this.send();
    }, this.intervalMs);
    this.heartbeat.unref();
  }
}

/** A tracker with a sender. */
export function createTracker({ onBeat = send, registry = cleanup, ...options } = {}) {
  const tracker = new NaiveTrackerWithLateness(diagnostics, gate, registry, options);
  tracker.registerCallback(onBeat);
  return tracker;
}

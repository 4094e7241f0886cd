import { cleanup, diagnostics, gate, occupy, send } from './surroundings.mjs';

/** The obvious class: a timer for each state, counts by reason, no handles and no ages. */
export class NaiveTracker {
  constructor(diagnostics, gate, cleanup, { intervalMs = 30_000, idleAfterMs = intervalMs } = {}) {
    this.diagnostics = diagnostics;
    this.gate = gate;
    this.cleanup = cleanup;
    this.intervalMs = intervalMs;
    this.idleAfterMs = idleAfterMs;
    this.send = null;
    this.refcount = 0;
    this.counts = new Map();
    this.heartbeat = null;
    this.idle = null;
    this.takeBack = null;
  }

  registerCallback(send) {
    this.send = send;
    if (this.refcount > 0 && this.heartbeat === null) this.startHeartbeat();
  }

  start(reason) {
    this.refcount++;
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
    if (this.refcount === 1 && this.send !== null) {
      this.clearIdle();
      this.startHeartbeat();
    }
    this.takeBack ??= this.cleanup.register(() => {
      this.diagnostics.log('info', 'session_activity_at_shutdown', {
        refcount: this.refcount,
        active: Object.fromEntries(this.counts),
      });
    });
  }

  stop(reason) {
    if (this.refcount > 0) this.refcount--;
    const count = (this.counts.get(reason) ?? 0) - 1;
    if (count > 0) this.counts.set(reason, count);
    else this.counts.delete(reason);
    if (this.refcount === 0 && this.heartbeat !== null) {
      this.stopHeartbeat();
      this.startIdle();
    }
  }

  dispose() {
    this.send = null;
    this.stopHeartbeat();
    this.clearIdle();
    this.takeBack?.();
  }

  startHeartbeat() {
    this.heartbeat = setInterval(() => {
      this.diagnostics.log('debug', 'session_keepalive_heartbeat', { refcount: this.refcount });
      if (this.gate.isOpen()) this.send();
    }, this.intervalMs);
    this.heartbeat.unref();
  }

  stopHeartbeat() {
    clearInterval(this.heartbeat);
    this.heartbeat = null;
  }

  startIdle() {
    this.idle = setTimeout(() => {
      this.idle = null;
      this.diagnostics.log('info', 'session_idle_30s');
    }, this.idleAfterMs);
    this.idle.unref();
  }

  clearIdle() {
    clearTimeout(this.idle);
    this.idle = null;
  }
}

/** A tracker with a sender. */
export function createTracker({ onBeat = send, registry = cleanup, ...options } = {}) {
  const tracker = new NaiveTracker(diagnostics, gate, registry, options);
  tracker.registerCallback(onBeat);
  return tracker;
}

/** 0 to 1 and back to 0. */
export function bounces() {
  const tracker = createTracker();
  return (times) => {
    for (let i = 0; i < times; i++) {
      tracker.start('api_call');
      tracker.stop('api_call');
    }
  };
}

/** A start and a stop while others run. */
export function pairsByReason(others) {
  const tracker = occupy(createTracker(), others);
  return (times) => {
    for (let i = 0; i < times; i++) {
      tracker.start('api_call');
      tracker.stop('api_call');
    }
  };
}

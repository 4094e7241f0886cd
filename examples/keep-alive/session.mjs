import { once } from 'node:events';
import { bindDiagnostics, createSessionContainer, SessionActivityTracker } from 'session-activity-tracker';
import { WebSocket } from 'ws';

/** @typedef {import('session-activity-tracker').DiagnosticsLogger} DiagnosticsLogger */

/** One session of the host, with its own connection, child container and tracker. */
export class Session {
  /** @type {import('./plans.mjs').Plan} */
  plan;
  /** @type {import('./plans.mjs').Tracker} */
  tracker;
  /** @type {'open' | 'idle' | 'survived' | 'dropped'} */
  state = 'open';
  #wasOverdue = false;
  #wentIdle = false;
  #openedAtMs = performance.now();
  #endedAtMs = NaN;
  #container;
  #diagnostics;

  /**
   * @param {import('./plans.mjs').Plan} plan
   * @param {import('tsyringe').DependencyContainer} host its container, the parent of the session's
   * @param {DiagnosticsLogger} diagnostics where the events of all sessions go
   */
  constructor(plan, host, diagnostics) {
    const bound = bindDiagnostics(diagnostics, { session_id: plan.id });
    this.plan = plan;
    this.#diagnostics = {
      /** @type {DiagnosticsLogger['log']} */
      log: (level, event, data) => {
        if (event === 'session_activity_overdue') this.#wasOverdue = true;
        if (event.startsWith('session_idle_')) {
          this.#wentIdle = true;
          this.state = 'idle';
        }
        bound.log(level, event, data);
      },
    };
    this.#container = createSessionContainer(host, { ...plan.overrides, diagnostics: this.#diagnostics });
    this.tracker = /** @type {import('./plans.mjs').Tracker} */ (this.#container.resolve(SessionActivityTracker));
  }

  /** What happened, to compare with the plan's `expected`. */
  get actual() {
    const { sent, withheld } = this.tracker.snapshot().keepalives;
    const heartbeats = sent > 0 ? 'pings' : withheld > 0 ? 'withheld' : 'no heartbeat';
    const end = this.state === 'survived' ? 'survives' : this.state;
    return [heartbeats, ...(this.#wasOverdue ? ['overdue'] : []), ...(this.#wentIdle ? ['idle'] : []), end].join(', ');
  }

  get lastedMs() {
    return this.#endedAtMs - this.#openedAtMs;
  }

  /**
   * Connects, works and delivers the result. Resolves when that is done or the server drops the connection.
   *
   * @param {string} url
   */
  async run(url) {
    const socket = new WebSocket(url);
    await once(socket, 'open');
    this.#openedAtMs = performance.now();
    this.#diagnostics.log('info', 'connection_opened');
    socket.on('error', () => socket.terminate());
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const dropped = closed.then(() => /** @type {const} */ ('dropped'));

    this.tracker.registerCallback(() => ping(socket));
    const ended = new AbortController();
    this.state = await Promise.race([this.#work(socket, ended.signal), dropped]);
    this.#endedAtMs = performance.now();
    this.#diagnostics.log('info', this.state === 'dropped' ? 'connection_dropped' : 'connection_closed');

    // Disposed before the work is aborted, so that the shutdown report lists the work that the drop interrupted.
    await this.#container.dispose();
    ended.abort();
    socket.close();
    await closed;
  }

  /**
   * @param {WebSocket} socket
   * @param {AbortSignal} signal
   */
  async #work(socket, signal) {
    await this.plan.work(this.tracker, signal);
    socket.send('the result');
    await new Promise((resolve) => socket.once('message', resolve));
    this.#diagnostics.log('info', 'result_delivered');
    if (this.plan.staysOpen) await once(signal, 'abort');
    return /** @type {const} */ ('survived');
  }
}

/**
 * @param {WebSocket} socket
 * @returns {Promise<void>}
 */
function ping(socket) {
  return new Promise((resolve, reject) => {
    socket.ping(undefined, undefined, (error) => (error ? reject(error) : resolve()));
  });
}

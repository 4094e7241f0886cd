import { setTimeout as sleep } from 'node:timers/promises';
import { ChildProcess } from './child-process.mjs';
import { HOSTS } from './plan.mjs';
import { RedisServer } from './redis-server.mjs';

/** @typedef {import('./host.mjs').HostReport} HostReport */
/** @typedef {HostReport['sessions'][number] & { hostId: string }} SessionReport */

/** Redis, the hosts and the reaper, each a process of its own. */
export class Fleet {
  #stopping = new AbortController();
  #signal;
  /** @type {RedisServer | undefined} */
  #redis;
  /** @type {Map<string, ChildProcess<HostReport>>} */
  #hosts = new Map();
  /** @type {ChildProcess<import('./reaper.mjs').ReaperReport> | undefined} */
  #reaper;

  /** @param {AbortSignal} signal kills its processes */
  constructor(signal) {
    this.#signal = AbortSignal.any([signal, this.#stopping.signal]);
  }

  /** @returns {Promise<RedisServer>} */
  async startRedis() {
    this.#redis = await RedisServer.create(this.#signal);
    await this.#redis.start();
    return this.#redis;
  }

  /**
   * Starts the reaper and the hosts, and the hosts' work.
   *
   * @param {number} redisPort
   */
  async startProcesses(redisPort) {
    const port = String(redisPort);
    this.#reaper = new ChildProcess('the reaper', 'reaper.mjs', [port], this.#signal);
    this.#hosts = new Map(HOSTS.map((id) => [id, new ChildProcess(id, 'host.mjs', [id, port], this.#signal)]));
    await Promise.all([...this.#hosts.values()].map((host) => host.ask('work')));
  }

  /**
   * Kills a host, which gets no chance to say so.
   *
   * @param {string} hostId
   */
  async kill(hostId) {
    await this.#hosts.get(hostId)?.kill();
    this.#hosts.delete(hostId);
  }

  /** What the hosts that live have sent, all together. */
  async sent() {
    const reports = await this.#reports();
    const sum = (/** @type {(sent: HostReport['sent']) => number} */ of) =>
      reports.reduce((total, { sent }) => total + of(sent), 0);
    return {
      atMs: performance.now(),
      commands: sum((sent) => sent.commands),
      pipelines: sum((sent) => sent.pipelines),
    };
  }

  /**
   * The sessions of the hosts that live.
   *
   * @returns {Promise<SessionReport[]>}
   */
  async sessions() {
    const reports = await this.#reports();
    return reports.flatMap(({ hostId, sessions }) => sessions.map((session) => ({ hostId, ...session })));
  }

  /**
   * Those that run something.
   *
   * @param {string} [hostId] of this host alone
   */
  async busySessions(hostId) {
    const sessions = await this.sessions();
    return sessions.filter((session) => session.busy && (hostId === undefined || session.hostId === hostId));
  }

  async reaper() {
    if (this.#reaper === undefined) throw new Error('There is no reaper');
    return await this.#reaper.report();
  }

  /**
   * Waits for something to come true, for a while.
   *
   * @param {number} forMs
   * @param {() => Promise<boolean>} isTrue
   */
  async until(forMs, isTrue) {
    const endMs = performance.now() + forMs;
    while (!(await isTrue()) && performance.now() < endMs) await this.pass(100);
  }

  /**
   * Lets time pass.
   *
   * @param {number} ms
   */
  async pass(ms) {
    await sleep(ms, undefined, { signal: this.#signal });
  }

  async stop() {
    this.#stopping.abort();
    await Promise.all([...this.#hosts.values(), this.#reaper].map((process) => process?.ended));
    await this.#redis?.cleanUp();
  }

  async #reports() {
    return await Promise.all([...this.#hosts.values()].map((host) => host.report()));
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { ChildProcess } from './child-process.mjs';
import { HOSTS } from './plan.mjs';
import { RedisServer } from './redis-server.mjs';

/** @typedef {import('./host.mjs').HostReport} HostReport */
/** @typedef {import('./reaper.mjs').ReaperReport} ReaperReport */

/** Redis, the hosts and the reaper, each a process of its own. */
export class Fleet {
  #stopping = new AbortController();
  #signal;
  /** @type {RedisServer | undefined} */
  #redis;
  /** @type {Map<string, ChildProcess>} */
  #hosts = new Map();
  /** @type {ChildProcess | undefined} */
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
   * Starts the reaper and the hosts, and the work of their sessions.
   *
   * @param {number} redisPort
   */
  async startWork(redisPort) {
    const port = String(redisPort);
    this.#reaper = new ChildProcess('the reaper', 'reaper.mjs', [port], this.#signal);
    this.#hosts = new Map(HOSTS.map((id) => [id, new ChildProcess(id, 'host.mjs', [id, port], this.#signal)]));
    await this.hosts();
    await this.ask('work');
  }

  /**
   * Kills a host before it can release its leases.
   *
   * @param {string} hostId
   */
  async kill(hostId) {
    await this.#hosts.get(hostId)?.kill();
    this.#hosts.delete(hostId);
  }

  /**
   * Asks all running hosts.
   *
   * @param {string} question
   */
  async ask(question) {
    return await Promise.all([...this.#hosts.values()].map((host) => host.ask(question)));
  }

  /** The sums of what the running hosts report. */
  async hosts() {
    /** @type {HostReport[]} */
    const reports = await this.ask('report');
    const sum = (/** @type {keyof HostReport} */ name) => reports.reduce((total, report) => total + report[name], 0);
    return {
      sessions: sum('sessions'),
      busy: sum('busy'),
      sent: sum('sent'),
      failed: sum('failed'),
      recovered: sum('recovered'),
    };
  }

  /** @returns {Promise<ReaperReport>} */
  async reaper() {
    if (this.#reaper === undefined) throw new Error('There is no reaper');
    return await this.#reaper.ask('report');
  }

  /**
   * Waits until `isTrue` resolves to `true`, for at most `forMs`.
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
}

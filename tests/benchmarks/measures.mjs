import { ask } from './ask.mjs';
import { median } from './statistics.mjs';

/**
 * One line of the table.
 *
 * @typedef {object} Row
 * @property {string} name - what was measured.
 * @property {string} ours - this library's figure.
 * @property {string} theirs - the figure it is compared with, and whose.
 * @property {number} value - what is judged: a ratio, or bytes, or a count.
 * @property {string} [unit] - of `value`; a ratio has none.
 * @property {number} [limit] - what it must not exceed. Without one it is for the reader alone.
 * @property {number} [aim] - what it should not exceed.
 */

/**
 * How thoroughly to measure.
 *
 * @typedef {object} Effort
 * @property {number} processes - how many processes each case is measured in.
 * @property {number} timeProcesses - the same where loops are timed: each process compiles them in a way of its own.
 * @property {number} rounds - rounds in each process.
 * @property {number} trackers - trackers in a process that holds many.
 * @property {number} beats - beats after which drift is looked at.
 */

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {(effort: Effort) => Promise<Row[]>} measure
 */

const TRACKER = 'tracker';

/** Runs `measure` once for each process and returns the median of each figure. */
async function inProcesses(processes, measure) {
  const all = [];
  for (let i = 0; i < processes; i++) all.push(await measure());
  return all[0].map((_, index) => median(all.map((figures) => figures[index])));
}

/** The time of a loop of this library, or of what stands in for it, over the time of another's. */
export function time(name, loop, rival, { limit, aim, args, batch = 500, standIn } = {}) {
  return {
    name: `${name}, time`,
    async measure(effort) {
      const sides = [
        { name: standIn ?? TRACKER, loop, args },
        { name: rival, loop, args },
      ];
      const [ratio, ours, theirs] = await inProcesses(effort.timeProcesses, async () => {
        const { ratios, nanoseconds } = await ask('time', { sides, rounds: effort.rounds, roundMs: 20, batch });
        return [ratios[0], ...nanoseconds];
      });
      const texts = {
        ours: `${ours.toFixed(0)} ns${standIn ? ` (${standIn})` : ''}`,
        theirs: `${theirs.toFixed(0)} ns (${rival})`,
      };
      return [{ name: this.name, ...texts, value: ratio, limit, aim }];
    },
  };
}

/** Whether a loop takes the same time however many activities run: the longest time over the shortest. */
export function flat(name, loop) {
  const sides = [10, 1000, 100_000].map((running) => ({ name: TRACKER, loop, args: [{ running }] }));
  return {
    name,
    async measure(effort) {
      const figures = await inProcesses(effort.timeProcesses, async () => {
        const { ratios, nanoseconds } = await ask('time', { sides, rounds: effort.rounds, roundMs: 20, batch: 500 });
        return [Math.max(...ratios) / Math.min(...ratios), ...nanoseconds];
      });
      const [spread, ...times] = figures;
      const ours = `${times.map((each) => each.toFixed(0)).join(', ')} ns`;
      return [{ name, ours, theirs: 'each other', value: spread, limit: 1.5 }];
    },
  };
}

/** A figure that each contender has on its own, in a process of its own. */
export function figure(name, program, request, rival, { key, unit, limit, aim, flags }) {
  return {
    name,
    async measure(effort) {
      const figures = await inProcesses(effort.processes, async () => {
        const answers = [];
        for (const contender of [TRACKER, rival]) {
          const answer = await ask(program, { name: contender, ...request(effort) }, flags);
          answers.push(answer[key]);
        }
        return answers;
      });
      const [ours, theirs] = figures.map((value) => `${value.toFixed(0)} ${unit}`);
      return [{ name, ours, theirs: `${theirs} (${rival})`, value: figures[0], unit, limit, aim }];
    },
  };
}

/** What a heartbeat round of many busy trackers costs: rounds that alternate, in processes that run side by side. */
export const heartbeatRound = {
  name: 'one no-op heartbeat of each of 100,000 busy trackers, CPU',
  async measure({ trackers, timeProcesses }) {
    const names = [TRACKER, 'naive'];
    const request = { trackers, intervalMs: 1500, rounds: 10 };
    const [ours, theirs, ratio] = await inProcesses(timeProcesses, async () => {
      const all = names.map((name, index) =>
        ask('heartbeat-round', { name, ...request, phaseMs: (index * request.intervalMs) / names.length }),
      );
      const [own, naive] = (await Promise.all(all)).map(({ cpuMs }) => cpuMs);
      return [median(own), median(naive), median(own.map((ms, round) => ms / naive[round]))];
    });
    return [{ name: this.name, ours: msOf(ours), theirs: msOf(theirs, 'naive'), value: ratio }];
  },
};

/** What `trackFetch` adds to reading a large body from a server on loopback. */
export const body = {
  name: 'a body of 16 MB in chunks of 64 KB through trackFetch, time',
  async measure({ processes, rounds }) {
    const [ratio, ours, theirs] = await inProcesses(processes, async () => {
      const answer = await ask('body', { name: TRACKER, chunks: 256, chunkBytes: 65_536, rounds });
      return [answer.ratio, answer.tracked, answer.plain];
    });
    return [{ name: this.name, ours: msOf(ours), theirs: msOf(theirs, 'fetch'), value: ratio, limit: 1.1 }];
  },
};

/** How long the beats of many busy sessions hold the loop after a stall. Each sends a real ping. */
export const stall = {
  name: '1,000 sessions with real pings after a stall of 3.5 intervals, longest block',
  async measure({ processes }) {
    const request = { sessions: 1_000, intervalMs: 1000, stallRounds: 3.5 };
    const [ours, theirs, ratio] = await inProcesses(processes, async () => {
      const { longestBlockMs } = await ask('stall', { name: TRACKER, ...request });
      const naive = await ask('stall', { name: 'naive', ...request });
      return [longestBlockMs, naive.longestBlockMs, longestBlockMs / naive.longestBlockMs];
    });
    return [{ name: this.name, ours: msOf(ours), theirs: msOf(theirs, 'naive'), value: ratio, limit: 1.3 }];
  },
};

/** What a beat costs over real WebSockets, whole and without what the sender adds. */
export const webSocketBeats = {
  name: 'a heartbeat with webSocketPing over 1,000 real sockets, CPU',
  async measure({ processes, rounds }) {
    const names = ['webSocketPing', 'socket.ping() as the sender', 'setInterval'];
    const request = { names, sockets: 1_000, intervalMs: 200, turns: rounds, roundsPerTurn: 3 };
    const figures = await inProcesses(processes, async () => {
      const { ratios, microseconds } = await ask('web-socket-beats', request);
      return [...ratios, ...microseconds];
    });
    const [ratio, coreRatio, , ours, core, naive] = figures;
    const theirs = `${naive.toFixed(1)} us (setInterval and socket.ping())`;
    return [
      { name: this.name, ours: `${ours.toFixed(1)} us`, theirs, value: ratio, limit: 1.35, aim: 1.2 },
      { name: 'the same with socket.ping() as the sender', ours: `${core.toFixed(1)} us`, theirs, value: coreRatio },
    ];
  },
};

/** How long the package takes to load in a fresh process. */
export const startup = {
  name: 'import of the package in a fresh process',
  async measure({ processes }) {
    const [ours, theirs, ratio] = await inProcesses(5 * processes, async () => {
      const { ms } = await ask('startup', { packages: ['session-activity-tracker'] });
      const peers = await ask('startup', { packages: ['reflect-metadata', 'tsyringe'] });
      return [ms, peers.ms, ms / peers.ms];
    });
    return [{ name: this.name, ours: msOf(ours), theirs: msOf(theirs, 'its peers alone'), value: ratio, limit: 1.3 }];
  },
};

function msOf(ms, name) {
  return `${ms.toFixed(0)} ms${name ? ` (${name})` : ''}`;
}

/** Node's timers count whole milliseconds. */
const TIMER_TICK_MS = 1;

/** How far the beats of all contenders have drifted on the same loaded loop. */
export const drift = {
  name: 'heartbeats after 100 intervals of 200 ms on a loaded loop, drift',
  async measure({ beats }) {
    const names = [TRACKER, 'naive', 'heartbeats', 'walletconnect-heartbeat'];
    const { driftMs } = await ask('drift', { names, intervalMs: 200, beats });
    const [ours, ...others] = driftMs.map((ms) => `${ms.toFixed(1)} ms`);
    const theirs = others.map((text, index) => `${text} (${names[index + 1]})`).join(', ');
    return [{ name: this.name, ours, theirs, value: driftMs[0], unit: 'ms', limit: TIMER_TICK_MS }];
  },
};

import { NOT_SENT, type TrackerOptions } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { LoggedSession } from './logged-session.js';

const send = (): void => undefined;

/** Makes a call of 70 s, and is idle until 14:02:00. */
async function chat(session: LoggedSession): Promise<void> {
  session.tracker.registerCallback(send);
  const call = session.tracker.start('api_call');
  await session.pass(70);
  call.stop();
  await session.pass(50);
}

async function begin(id: string, lines: string[], options?: TrackerOptions): Promise<LoggedSession> {
  const session = new LoggedSession(id, lines, options);
  await chat(session);
  return session;
}

/** Runs a tool; what is done to it after 45 s lasts for 3 minutes, until the host is told to stop. */
async function runTool(session: LoggedSession, interfere: () => void): Promise<void> {
  session.tracker.start('tool_exec');
  await session.pass(45);
  interfere();
  await session.pass(145);
  session.cleanup.runAll();
  session.tracker.dispose();
}

/** Sessions that came to grief, each by a cause of its own that was really brought about. */
export const SCENARIOS: Readonly<Record<string, (id: string, lines: string[]) => Promise<void>>> = {
  'gate closed': async (id, lines) => {
    const session = await begin(id, lines);
    await runTool(session, () => session.gate.close());
  },
  'no sender': async (id, lines) => {
    const session = await begin(id, lines);
    await runTool(session, () => session.tracker.unregisterCallback());
  },
  'sender failing': async (id, lines) => {
    const session = await begin(id, lines);
    let broken = false;
    session.tracker.registerCallback(() => {
      if (broken) throw Object.assign(new Error('secret'), { code: 'ECONNRESET' });
    });
    await runTool(session, () => (broken = true));
  },
  'sender times out': async (id, lines) => {
    const session = await begin(id, lines);
    let broken = false;
    session.tracker.registerCallback(() => (broken ? new Promise<void>(() => undefined) : undefined));
    await runTool(session, () => (broken = true));
  },
  'nothing to send on': async (id, lines) => {
    const session = await begin(id, lines);
    let closed = false;
    session.tracker.registerCallback(() => (closed ? NOT_SENT : undefined));
    await runTool(session, () => (closed = true));
  },
  overdue: async (id, lines) => {
    const session = await begin(id, lines, { maxActivityMs: 60_000 });
    await runTool(session, send);
  },
  'previous send pending': async (id, lines) => {
    const session = await begin(id, lines, { sendTimeoutMs: 30_000 });
    let broken = false;
    session.tracker.registerCallback(() => (broken ? new Promise<void>(() => undefined) : undefined));
    // A signal blocks the beats for as long as it is pending, and the next signal takes its place.
    session.tracker.start('tool_exec');
    await session.pass(45);
    broken = true;
    for (let round = 0; round < 5; round++) {
      session.tracker.sendSignal();
      await session.pass(30);
    }
    session.tracker.dispose();
  },
  'blocked loop': async (id, lines) => {
    const session = await begin(id, lines);
    session.tracker.start('tool_exec');
    await session.pass(45);
    session.clock.stall(130_000);
    // The host's own SIGTERM handler runs first; then the late timer.
    session.clock.advance(0);
    await session.pass(1);
    session.tracker.dispose();
  },
  'blocked until shutdown': async (id, lines) => {
    const session = await begin(id, lines);
    session.tracker.start('tool_exec');
    await session.pass(45);
    session.clock.stall(130_000);
    session.tracker.dispose();
  },
  'short work': async (id, lines) => {
    const session = new LoggedSession(id, lines);
    session.tracker.registerCallback(send);
    for (let step = 0; step < 8; step++) {
      const call = session.tracker.start(step % 2 === 0 ? 'api_call' : 'tool_exec');
      await session.pass(25);
      call.stop();
      session.clock.advance(5);
    }
    session.tracker.start('tool_exec');
    await session.pass(10);
    session.tracker.dispose();
  },
  idle: async (id, lines) => {
    const session = await begin(id, lines);
    await session.pass(240);
    session.cleanup.runAll();
  },
  killed: async (id, lines) => {
    const session = await begin(id, lines);
    session.tracker.start('tool_exec');
    await session.pass(100);
  },
  'shut down while kept alive': async (id, lines) => {
    const session = await begin(id, lines);
    session.tracker.start('tool_exec');
    await session.pass(100);
    session.cleanup.runAll();
  },
  reconnected: async (id, lines) => {
    const clock = new ManualClock();
    const first = new LoggedSession(id, lines, {}, { clock });
    first.tracker.registerCallback(send);
    first.tracker.start('tool_exec');
    await first.pass(40);
    first.tracker.unregisterCallback();
    await first.pass(100);
    first.tracker.dispose();
    await first.pass(5);
    const second = new LoggedSession(id, lines, {}, { clock });
    second.tracker.registerCallback(send);
    const call = second.tracker.start('api_call');
    await second.pass(65);
    call.stop();
    await second.pass(60);
    second.tracker.dispose();
  },
  'gate closed, then no sender': async (id, lines) => {
    const session = await begin(id, lines);
    await runTool(session, () => {
      session.gate.close();
      session.clock.createTimer(() => session.tracker.unregisterCallback()).schedule(80_000);
    });
  },
  'gate never open': async (id, lines) => {
    const session = new LoggedSession(id, lines);
    session.gate.close();
    await chat(session);
    session.tracker.start('tool_exec');
    await session.pass(100);
    session.cleanup.runAll();
  },
  'sender never registered': async (id, lines) => {
    const session = new LoggedSession(id, lines);
    session.tracker.start('tool_exec');
    await session.pass(100);
    session.cleanup.runAll();
  },
  'killed in silence': async (id, lines) => {
    const session = await begin(id, lines);
    session.gate.close();
    session.tracker.start('tool_exec');
    await session.pass(125);
  },
  'killed without a sender': async (id, lines) => {
    const session = await begin(id, lines);
    session.tracker.start('tool_exec');
    await session.pass(45);
    session.tracker.unregisterCallback();
    await session.pass(145);
  },
  'silence survived': async (id, lines) => {
    const session = await begin(id, lines);
    const tool = session.tracker.start('tool_exec');
    await session.pass(45);
    session.gate.close();
    await session.pass(60);
    session.gate.open();
    await session.pass(60);
    tool.stop();
    await session.pass(40);
    session.tracker.dispose();
  },
  'within the limit': async (id, lines) => {
    const session = await begin(id, lines);
    session.tracker.start('tool_exec');
    await session.pass(45);
    session.gate.close();
    await session.pass(40);
    session.tracker.dispose();
  },
  'no trace': async (id, lines) => {
    const session = await begin(id, lines, { trace: false });
    await runTool(session, () => session.gate.close());
  },
  'no trace, killed': async (id, lines) => {
    const session = await begin(id, lines, { trace: false });
    session.tracker.start('tool_exec');
    await session.pass(100);
  },
  'no debug lines': async (id, lines) => {
    const session = new LoggedSession(id, lines, { trace: false }, { level: 'info' });
    await chat(session);
    await runTool(session, () => session.gate.close());
  },
  'no debug lines, gate never open': async (id, lines) => {
    const session = new LoggedSession(id, lines, { trace: false }, { level: 'info' });
    session.gate.close();
    await chat(session);
    await runTool(session, send);
  },
  'no debug lines, killed': async (id, lines) => {
    const session = new LoggedSession(id, lines, { trace: false }, { level: 'info' });
    await chat(session);
    session.gate.close();
    session.tracker.start('tool_exec');
    await session.pass(100);
  },
  'no debug lines, idle': async (id, lines) => {
    const session = new LoggedSession(id, lines, { trace: false }, { level: 'info' });
    await chat(session);
  },
};

import { activeNow, clock, deferred, nextState } from './host.mjs';

/** Asks a server on loopback twice: once for an answer, once to disconnect before it comes. */
export async function driveSse(agent, port) {
  const answer = deferred();
  agent.answer = () => answer.promise;

  const answering = await ask(port);
  const active = activeNow();
  clock.advance(30_000);
  const first = await answering.read();
  clock.advance(30_000);
  const second = await answering.read();
  const answered = nextState('disposed');
  answer.resolve('42');
  const last = await answering.read();
  await answered;
  const afterAnswer = activeNow();

  agent.answer = () => new Promise(() => undefined);
  const leaving = await ask(port);
  const beforeLeaving = activeNow();
  const left = nextState('disposed');
  leaving.abort();
  await left;

  return {
    active,
    keepalives: [first, second],
    last,
    afterAnswer,
    disconnect: { before: beforeLeaving, after: activeNow(), pendingTimers: clock.pendingTimers },
  };
}

async function ask(port) {
  const asked = nextState('busy');
  const controller = new AbortController();
  const response = await fetch(`http://127.0.0.1:${port}/answer?q=why`, { signal: controller.signal });
  await asked;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  return { read: async () => (await reader.read()).value, abort: () => controller.abort() };
}

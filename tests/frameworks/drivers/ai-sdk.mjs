import { activeNow, clock, deferred, hub, nextState, report } from './host.mjs';
import { startApi } from './openai-api.mjs';
import { chat, weather } from './pages/ai-sdk.js';

/** Chats until the tool runs. */
async function begin(api) {
  process.env.OPENAI_API_KEY = 'key';
  process.env.OPENAI_BASE_URL = api.url;
  const called = deferred();
  const found = deferred();
  weather.at = () => {
    called.resolve();
    return found.promise;
  };
  const controller = new AbortController();
  const response = chat('How is the weather?', controller.signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  /** Reads on until the stream has that in it. */
  const readUntil = async (part) => {
    while (!text.includes(part)) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`The stream ended without ${part}`);
      text += value;
    }
    text = '';
  };
  await called.promise;
  return { readUntil, reader, controller, found: found.resolve };
}

const api = await startApi('getWeather', '{"city":"Oslo"}');
const first = await begin(api);
await first.readUntil('tool-input-available');
const duringTool = activeNow();
clock.advance(30_000);
await first.readUntil('data-keep-alive');
first.found('Sunny');
await api.waiting;
const duringAnswer = activeNow();
clock.advance(30_000);
await first.readUntil('data-keep-alive');
const ended = nextState('disposed');
api.answer('It is sunny.');
await first.readUntil('It is sunny.');
await first.readUntil('[DONE]');
await ended;
const afterAnswer = activeNow();
api.close();

const other = await startApi('getWeather', '{"city":"Oslo"}');
const second = await begin(other);
const before = activeNow();
const left = nextState('disposed');
second.controller.abort();
await left;
const disconnect = { before, after: activeNow(), pendingTimers: clock.pendingTimers };
second.found('too late');
await second.reader.cancel();
other.close();

report({ duringTool, duringAnswer, afterAnswer, disconnect, keepalives: hub.totals().keepalives.sent });

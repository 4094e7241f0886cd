import { generateText, streamText, wrapLanguageModel } from 'ai';
import { MockLanguageModelV3, simulateReadableStream } from 'ai/test';
import { createTestTracker } from 'session-activity-tracker/testing';
import { report } from './host.mjs';
import { trackModel } from './pages/ai-sdk-middleware.js';

const { tracker } = createTestTracker();
const now = () => ({ ...tracker.snapshot().active });
const facts = {};
const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };
const finishReason = { unified: 'stop', raw: 'stop' };
const content = [{ type: 'text', text: '42' }];
const chunks = [
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: '42' },
  { type: 'text-end', id: 't' },
  { type: 'finish', finishReason, usage },
];
const model = wrapLanguageModel({
  model: new MockLanguageModelV3({
    doGenerate: async () => {
      facts.duringGenerate = now();
      return { content, finishReason, usage, warnings: [] };
    },
    doStream: async () => {
      facts.duringHeaders = now();
      return { stream: simulateReadableStream({ chunks }) };
    },
  }),
  middleware: trackModel(tracker),
});
facts.text = (await generateText({ model, prompt: 'why?' })).text;
facts.afterGenerate = now();
await streamText({ model, prompt: 'why?', onChunk: () => (facts.duringStream = now()) }).consumeStream();
facts.afterStream = now();
report(facts);

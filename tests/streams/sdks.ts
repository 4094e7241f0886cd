import Anthropic from '@anthropic-ai/sdk';
import { createOpenAI } from '@ai-sdk/openai';
import { streamText } from 'ai';
import OpenAI from 'openai';

/** How one SDK is set up and read, and what its API answers. */
export interface Sdk {
  /** Asks for a streamed answer and gives its pieces of text. */
  readonly read: (baseURL: string, fetch: typeof globalThis.fetch, signal?: AbortSignal) => AsyncIterable<string>;
  /** What the server writes for a piece of text. */
  readonly piece: (text: string) => string;
  /** What the server writes before the first piece, and after the last. */
  readonly start: string;
  readonly end: string;
}

const apiKey = 'a key for the server on loopback';
const messages = [{ role: 'user' as const, content: 'Go on.' }];

const frame = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;
const event = (data: { readonly type: string }): string => `event: ${data.type}\n${frame(data)}`;

const chatCompletion = {
  start: '',
  piece: (content: string) =>
    frame({
      id: 'chat',
      object: 'chat.completion.chunk',
      model: 'm',
      created: 1,
      choices: [{ index: 0, delta: { content } }],
    }),
  end: `${frame({ id: 'chat', object: 'chat.completion.chunk', model: 'm', created: 1, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}data: [DONE]\n\n`,
};

const message = {
  start:
    event({
      type: 'message_start',
      message: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    } as { type: string }) +
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as { type: string }),
  piece: (text: string) =>
    event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } } as { type: string }),
  end:
    event({ type: 'content_block_stop', index: 0 } as { type: string }) +
    event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } } as {
      type: string;
    }) +
    event({ type: 'message_stop' }),
};

const request = { model: 'm', max_tokens: 100, messages };

export const SDKS: Readonly<Record<string, Sdk>> = {
  openai: {
    ...chatCompletion,
    async *read(baseURL, fetch, signal) {
      const client = new OpenAI({ baseURL, apiKey, fetch });
      const stream = await client.chat.completions.create({ model: 'm', messages, stream: true }, { signal });
      for await (const { choices } of stream) {
        const content = choices[0]?.delta.content;
        if (content) yield content;
      }
    },
  },

  '@anthropic-ai/sdk, create': {
    ...message,
    async *read(baseURL, fetch, signal) {
      const client = new Anthropic({ baseURL, apiKey, fetch });
      for await (const given of await client.messages.create({ ...request, stream: true }, { signal })) {
        if (given.type === 'content_block_delta' && given.delta.type === 'text_delta') yield given.delta.text;
      }
    },
  },

  '@anthropic-ai/sdk, stream': {
    ...message,
    async *read(baseURL, fetch, signal) {
      const client = new Anthropic({ baseURL, apiKey, fetch });
      for await (const given of client.messages.stream(request, { signal })) {
        if (given.type === 'content_block_delta' && given.delta.type === 'text_delta') yield given.delta.text;
      }
    },
  },

  'ai with @ai-sdk/openai': {
    ...chatCompletion,
    async *read(baseURL, fetch, abortSignal) {
      const model = createOpenAI({ baseURL, apiKey, fetch }).chat('m');
      const { fullStream } = streamText({ model, messages, ...(abortSignal ? { abortSignal } : {}) });
      for await (const part of fullStream) {
        if (part.type === 'text-delta') yield part.text;
        else if (part.type === 'error') throw part.error;
        else if (part.type === 'abort') throw abortSignal?.reason;
      }
    },
  },
};

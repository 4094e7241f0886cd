import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { Progress } from '@modelcontextprotocol/sdk/types.js';
import type { McpRequestExtra } from '../../src/senders/index.js';
import { closeAfterwards } from './peers.js';

type Tool = (extra: McpRequestExtra) => Promise<void>;

/** A server with one tool, `long`, that answers when `tool` is done. */
export function serverOf(tool: Tool): McpServer {
  const server = new McpServer({ name: 'peer', version: '1.0.0' });
  server.registerTool('long', { description: 'Takes long' }, async (extra) => {
    await tool(extra);
    return { content: [{ type: 'text', text: 'done' }] };
  });
  closeAfterwards(() => server.close());
  return server;
}

export function newClient(): Client {
  const client = new Client({ name: 'client', version: '1.0.0' });
  closeAfterwards(() => client.close());
  return client;
}

/** A client that is connected to a server of that tool. */
export async function inMemory(tool: Tool): Promise<Client> {
  const [near, far] = InMemoryTransport.createLinkedPair();
  const client = newClient();
  await Promise.all([serverOf(tool).connect(near), client.connect(far)]);
  return client;
}

/** Calls the tool, and gives the progress that the client was told of. */
export async function progressOf(client: Client): Promise<Progress[]> {
  const told: Progress[] = [];
  await client.callTool({ name: 'long' }, undefined, { onprogress: (progress) => told.push(progress) });
  return told;
}

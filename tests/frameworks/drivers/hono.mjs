import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { report } from './host.mjs';
import { driveSse } from './sse-client.mjs';
import { agent, app } from './pages/hono.js';

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
await once(server, 'listening');
report(await driveSse(agent, server.address().port));
server.close();
server.closeAllConnections();

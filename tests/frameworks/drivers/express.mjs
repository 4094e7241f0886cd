import { once } from 'node:events';
import { report } from './host.mjs';
import { driveSse } from './sse-client.mjs';
import { agent, app } from './pages/express.js';

const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
report(await driveSse(agent, server.address().port));
server.close();
server.closeAllConnections();

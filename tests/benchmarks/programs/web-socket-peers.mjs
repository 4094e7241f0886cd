import { once } from 'node:events';
import { WebSocket } from 'ws';

/** The far ends of many WebSockets, in a process of their own so that their CPU is not counted. They answer pings. */
const [url, count] = process.argv.slice(2);
const sockets = Array.from({ length: Number(count) }, () => new WebSocket(url));
await Promise.all(sockets.map((socket) => once(socket, 'open')));
process.send('open');
process.on('disconnect', () => process.exit());

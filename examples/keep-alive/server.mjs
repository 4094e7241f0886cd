import { once } from 'node:events';
import { WebSocketServer } from 'ws';

/**
 * Starts a WebSocket server on loopback that answers each message with the same message and, as a proxy would, drops
 * any connection that has been silent for too long. A ping counts as traffic.
 *
 * @param {number} silenceMs how long a connection may be silent
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function startServer(silenceMs) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => dropWhenSilent(socket, silenceMs));
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `ws://127.0.0.1:${port}`, close: () => server.close() };
}

/**
 * @param {import('ws').WebSocket} socket
 * @param {number} silenceMs
 */
function dropWhenSilent(socket, silenceMs) {
  /** @type {NodeJS.Immediate | undefined} */
  let drop;
  const silence = setTimeout(() => {
    // Dropped after the next read: on a busy machine, traffic may have arrived that this process has not read yet.
    drop = setImmediate(() => socket.terminate());
  }, silenceMs);
  const heard = () => {
    clearImmediate(drop);
    silence.refresh();
  };
  socket.on('ping', heard);
  socket.on('message', (message) => {
    heard();
    socket.send(message);
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    clearTimeout(silence);
    clearImmediate(drop);
  });
}

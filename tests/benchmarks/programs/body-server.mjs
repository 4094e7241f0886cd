import { createServer } from 'node:http';

/** Answers every request with a body of that many chunks, each once there is room for it. Ends with its parent. */
const { chunks, chunkBytes } = JSON.parse(process.argv[2]);
const chunk = Buffer.alloc(chunkBytes);

const server = createServer((_, response) => {
  let left = chunks;
  const write = () => {
    while (left > 0) {
      left--;
      if (!response.write(chunk)) {
        response.once('drain', write);
        return;
      }
    }
    response.end();
  };
  write();
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());

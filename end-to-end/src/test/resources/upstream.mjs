// A service in Node: prints its port, then answers until it is killed.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  const path = request.url.split('?')[0];
  if (path === '/hello') {
    response.end('hello from node\n');
  } else if (path === '/digest') {
    const hash = createHash('sha256');
    let length = 0;
    request.on('data', (chunk) => {
      hash.update(chunk);
      length += chunk.length;
    });
    request.on('end', () => response.end(`${length} ${hash.digest('hex')}`));
  } else if (path === '/echo') {
    request.pipe(response);
  } else if (path === '/host') {
    response.end(request.headers.host);
  } else {
    response.writeHead(404).end();
  }
});
// Interim responses are sent only by those who ask for them: this one does as it likes.
server.on('checkContinue', (request, response) => {
  if (request.headers['x-refuse']) {
    response.writeHead(417).end('no');
  } else {
    response.writeContinue();
    server.emit('request', request, response);
  }
});
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));

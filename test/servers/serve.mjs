import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * Serves an application that nobody here wrote on a free port, and prints a line of JSON once it listens: the URL of its SCIM
 * endpoint and the token for it. Beside that endpoint there are GET /log (what was asked) and GET /state (what it holds).
 * @param make is given the origin; answers { path, token, answer(request, reply), state() }
 */
export async function serve(make) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  const { path, token, answer, state } = await make(origin);
  const log = [];
  server.on('request', async (request, reply) => {
    const { method, url } = request;
    if (url === '/log') return json(reply, 200, log);
    if (url === '/state') return json(reply, 200, await state());
    reply.on('finish', () => log.push({ method, url, status: reply.statusCode }));
    return answer(request, reply);
  });
  process.stdout.write(`${JSON.stringify({ url: `${origin}${path}`, token })}\n`);
}

export function json(reply, status, body) {
  reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * Serves a third-party application on a free port. When it listens, it prints a line of JSON with the URL of the SCIM
 * endpoint and the token. GET /log returns the requests, GET /state the stored resources.
 * @param createApplication async (origin) => ({ path, token, handleRequest(request, response), state() })
 */
export async function serve(createApplication) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  const { path, token, handleRequest, state } = await createApplication(origin);
  const log = [];
  server.on('request', async (request, response) => {
    const { method, url } = request;
    if (url === '/log') return sendJson(response, 200, log);
    if (url === '/state') return sendJson(response, 200, await state());
    response.on('finish', () => log.push({ method, url, status: response.statusCode }));
    return handleRequest(request, response);
  });
  process.stdout.write(`${JSON.stringify({ url: `${origin}${path}`, token })}\n`);
}

export function sendJson(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

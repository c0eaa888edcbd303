import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createConfigurableApplication, type ConfigurableApplication } from './configurable-application.ts';
import type { ServerBehaviour } from './server-behaviour.ts';

export interface ConfigurableServer extends ConfigurableApplication {
  readonly url: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The same application behind HTTP, for tests that start scimsync as a process. */
export async function startConfigurableServer(
  behaviour: ServerBehaviour = {},
  token?: string,
): Promise<ConfigurableServer> {
  const application = createConfigurableApplication(behaviour, token);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const { authorization } = request.headers;
        void application
          .send(
            {
              method: request.method ?? '',
              url: `http://127.0.0.1${request.url ?? '/'}`,
              headers: authorization === undefined ? {} : { authorization },
              body: Buffer.concat(chunks).toString('utf8'),
            },
            new AbortController().signal,
          )
          .then((result) => {
            if (result.kind === 'response') response.writeHead(result.status, result.headers).end(result.text);
          });
      });
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  return {
    ...application,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

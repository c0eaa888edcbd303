import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One received request. */
export interface Seen {
  readonly method: string;
  /** The path with its query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: any;
}

export interface Scripted {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A response; `drop` closes the connection instead, `hang` never responds. */
export type Script = (request: Seen, number: number) => Scripted | 'drop' | 'hang';

export interface ScriptedServer {
  readonly url: string;
  readonly seen: Seen[];
  /** `POST /Users` for each request. */
  lines(): string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server that responds as the script defines. */
export async function scriptedServer(script: Script): Promise<ScriptedServer> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const one: Seen = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        text,
        body: text.startsWith('{') ? JSON.parse(text) : undefined,
      };
      seen.push(one);
      const answer = script(one, seen.length);
      if (answer === 'drop') request.socket.destroy();
      if (typeof answer === 'string') return;
      const payload =
        typeof answer.body === 'string' ? answer.body : answer.body === undefined ? '' : JSON.stringify(answer.body);
      response.writeHead(answer.status ?? 200, { 'Content-Type': 'application/scim+json', ...answer.headers });
      response.end(payload);
    });
  });
  server.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    lines: () => seen.map(({ method, url }) => `${method} ${decodeURIComponent(url)}`),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

export const page = (rows: readonly unknown[], total: unknown = rows.length): Scripted => ({
  body: { totalResults: total, Resources: rows },
});
export const refusal = (status: number, scimType?: string, detail = 'no'): Scripted => ({
  status,
  body: { status: String(status), scimType, detail },
});

import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** A CONNECT that a proxy received. */
export interface SeenConnect {
  /** `app.example.test:443` */
  readonly authority: string;
  readonly authorization: string | undefined;
}

/** An HTTP proxy on this machine. It leads every name to one port of 127.0.0.1. */
export interface ConnectProxy {
  readonly url: string;
  readonly seen: readonly SeenConnect[];
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts the proxy.
 *
 * @param toPort the port to which every tunnel leads
 * @param answer the status of the answer to each CONNECT, or `hang`; by default 200
 */
export async function startConnectProxy(
  toPort: number,
  answer: (seen: SeenConnect) => number | 'hang' = () => 200,
): Promise<ConnectProxy> {
  const seen: SeenConnect[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', ({ url = '', headers }, client: Socket) => {
    client.on('error', () => undefined);
    const one = { authority: url, authorization: headers['proxy-authorization'] };
    seen.push(one);
    const status = answer(one);
    if (status === 'hang') return;
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(toPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    sockets.add(upstream);
    upstream.on('error', () => client.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    [Symbol.asyncDispose]: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** A TCP proxy in front of a port of this machine, which can cut the network without a word to either side. */
export interface CutProxy {
  readonly port: number;
  /** Nothing passes from now on, and new connections get no answer. */
  cut(): void;
  /** What waited passes, as after a short failure of a network. */
  restore(): void;
  close(): Promise<void>;
}

/** @param latencyMs delay in each direction */
export async function startCutProxy(port: number, latencyMs = 0): Promise<CutProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const forward = (from: Socket, to: Socket): void => {
    from.on('data', (bytes) => {
      if (latencyMs === 0) to.write(bytes);
      else setTimeout(() => to.write(bytes), latencyMs);
    });
    // An end is no news while the network is cut.
    from.on('close', () => {
      sockets.delete(from);
      if (!isCut) to.destroy();
    });
    from.on('error', () => undefined);
    sockets.add(from);
    if (isCut) from.pause();
  };
  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port });
    forward(client, upstream);
    forward(upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    restore() {
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

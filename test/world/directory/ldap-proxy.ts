import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { messagesIn } from './ldap-message.ts';

/** One connection through the tap. */
export interface ProxiedConnection {
  /** Bytes as the client sent them, whether encrypted or not. */
  readonly sent: Buffer;
  /** Resolves when the server has closed it. */
  readonly ended: Promise<void>;
  /** Ends both sides at once, as a network does that breaks. */
  cut(): void;
}

export interface ProxyOptions {
  /**
   * What becomes of a message of the client: the messages that go on to the server; and `answers`, which go back.
   * Messages are those of a connection in clear; without this the bytes go on as they come.
   */
  readonly onRequest?: (
    message: Buffer,
    number: number,
    at: ProxiedConnection,
  ) => ForwardedMessages | Promise<ForwardedMessages>;
  /** The same for the server's messages: what the client is given instead. */
  readonly onResponse?: (
    message: Buffer,
    number: number,
    at: ProxiedConnection,
  ) => readonly Buffer[] | Promise<readonly Buffer[]>;
  /** Sees each chunk of the client, before it goes on. */
  readonly onChunk?: (bytes: Buffer, number: number, at: ProxiedConnection) => void;
}

export interface ForwardedMessages {
  readonly toServer: readonly Buffer[];
  readonly toClient?: readonly Buffer[];
}

export interface LdapProxy {
  readonly port: number;
  /** In the order in which they were made. */
  readonly connections: readonly ProxiedConnection[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** A proxy between scimsync and a real server that records all bytes and can change messages. */
export async function startProxy(serverPort: number, options: ProxyOptions = {}): Promise<LdapProxy> {
  const connections: ProxiedConnection[] = [];
  const sockets = new Set<Socket>();
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  };
  const proxy = createServer({ allowHalfOpen: false }, (client) => {
    const server = connect(serverPort, '127.0.0.1');
    track(client);
    track(server);
    const sent: Buffer[] = [];
    const at: ProxiedConnection = {
      get sent() {
        return Buffer.concat(sent);
      },
      ended: new Promise((resolve) =>
        server.once('close', () => {
          resolve();
        }),
      ),
      cut() {
        client.destroy();
        server.destroy();
      },
    };
    connections.push(at);
    let chunks = 0;
    client.on('data', (bytes) => {
      sent.push(bytes);
      options.onChunk?.(bytes, (chunks += 1), at);
    });
    const { onRequest, onResponse } = options;
    if (onRequest === undefined) client.pipe(server);
    else {
      eachMessage(client, async (message, number) => {
        const { toServer, toClient = [] } = await onRequest(message, number, at);
        for (const each of toServer) if (server.writable) server.write(each);
        for (const each of toClient) if (client.writable) client.write(each);
      });
      client.once('end', () => server.end());
    }
    if (onResponse === undefined) server.pipe(client);
    else
      eachMessage(server, async (message, number) => {
        for (const each of await onResponse(message, number, at))
          if (client.writable && !client.write(each)) await drained(client);
      });
    server.once('close', () => client.end());
    client.once('close', () => server.destroy());
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    port: (proxy.address() as AddressInfo).port,
    connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    for (const event of ['drain', 'close'])
      socket.once(event, () => {
        resolve();
      });
  });

/** One after the other: a hook that waits holds up what comes after it, and at last the sender. */
function eachMessage(from: Socket, handle: (message: Buffer, number: number) => Promise<void>): void {
  let pending: Buffer = Buffer.alloc(0);
  let number = 0;
  from.on('data', (bytes) => {
    from.pause();
    const all = async (): Promise<void> => {
      const { messages, rest } = messagesIn(Buffer.concat([pending, bytes]));
      pending = rest;
      for (const message of messages) await handle(message, (number += 1));
      from.resume();
    };
    // What is no LDAP ends it, as a server would.
    all().catch(() => from.destroy());
  });
}

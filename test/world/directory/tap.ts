import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { messagesIn } from './message.ts';

/** One connection through the tap. */
export interface Tapped {
  /** Bytes as the client sent them, whether encrypted or not. */
  readonly sent: Buffer;
  /** Resolves when the server has closed it. */
  readonly ended: Promise<void>;
  /** Ends both sides at once, as a network does that breaks. */
  cut(): void;
}

export interface TapOptions {
  /**
   * What becomes of a message of the client: the messages that go on to the server; and `answers`, which go back. Messages are those of a
   * connection in clear; without this the bytes go on as they come.
   */
  readonly request?: (message: Buffer, number: number, at: Tapped) => Passed | Promise<Passed>;
  /** The same for the server's messages: what the client is given instead. */
  readonly answer?: (message: Buffer, number: number, at: Tapped) => readonly Buffer[] | Promise<readonly Buffer[]>;
  /** Sees each chunk of the client, before it goes on. */
  readonly chunk?: (bytes: Buffer, number: number, at: Tapped) => void;
}

export interface Passed {
  readonly on: readonly Buffer[];
  readonly answers?: readonly Buffer[];
}

export interface Tap {
  readonly port: number;
  /** In the order in which they were made. */
  readonly connections: readonly Tapped[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Stands between the product and a real server, hears everything, and can change it. Hooks may be set anew while it runs. */
export async function startTap(serverPort: number, options: TapOptions = {}): Promise<Tap> {
  const connections: Tapped[] = [];
  const sockets = new Set<Socket>();
  const kept = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  };
  const tap = createServer({ allowHalfOpen: false }, (client) => {
    const server = connect(serverPort, '127.0.0.1');
    kept(client);
    kept(server);
    const sent: Buffer[] = [];
    const at: Tapped = {
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
      options.chunk?.(bytes, (chunks += 1), at);
    });
    const { request, answer } = options;
    if (request === undefined) client.pipe(server);
    else {
      eachMessage(client, async (message, number) => {
        const { on, answers = [] } = await request(message, number, at);
        for (const each of on) if (server.writable) server.write(each);
        for (const each of answers) if (client.writable) client.write(each);
      });
      client.once('end', () => server.end());
    }
    if (answer === undefined) server.pipe(client);
    else
      eachMessage(server, async (message, number) => {
        for (const each of await answer(message, number, at))
          if (client.writable && !client.write(each)) await drained(client);
      });
    server.once('close', () => client.end());
    client.once('close', () => server.destroy());
  }).listen(0, '127.0.0.1');
  await once(tap, 'listening');
  return {
    port: (tap.address() as AddressInfo).port,
    connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      tap.close();
      await once(tap, 'close');
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
function eachMessage(from: Socket, hear: (message: Buffer, number: number) => Promise<void>): void {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  from.on('data', (bytes) => {
    from.pause();
    const all = async (): Promise<void> => {
      const { messages, left } = messagesIn(Buffer.concat([rest, bytes]));
      rest = left;
      for (const message of messages) await hear(message, (number += 1));
      from.resume();
    };
    // What is no LDAP ends it, as a server would.
    all().catch(() => from.destroy());
  });
}

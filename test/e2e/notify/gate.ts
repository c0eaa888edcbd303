import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is in front of an application, and can be cut off. */
export interface Gate {
  readonly url: string;
  isOpen: boolean;
  /** A method that is refused with 403. */
  refused: string | undefined;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startGate(behind: string): Promise<Gate> {
  const server = createServer((incoming, outgoing) => {
    if (!gate.isOpen || incoming.method === gate.refused) {
      outgoing.writeHead(gate.isOpen ? 403 : 401).end();
      return;
    }
    const { method, headers, url = '' } = incoming;
    incoming.pipe(
      request(new URL(url, behind), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const gate: Gate = {
    url: `http://127.0.0.1:${port}${new URL(behind).pathname}`,
    isOpen: true,
    refused: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return gate;
}

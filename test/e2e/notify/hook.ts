import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { configuration, groupFiles, target, type Fixture } from '../../world/fixture.ts';

/** A webhook on this machine that keeps what it got. */
export interface Hook {
  readonly url: string;
  readonly received: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
  /** The status of the next answers. */
  status: number;
  /** The changes of all notifications, as `event change`. */
  changes(): readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startHook(): Promise<Hook> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      hook.received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(hook.status).end(hook.status === 200 ? 'ok' : 'not now');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hook: Hook = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received: [],
    status: 200,
    changes: () =>
      hook.received.flatMap(({ body }) => changesIn(body).map(({ event, change }) => `${event} ${change}`)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return hook;
}

interface NotifiedChange {
  readonly event: string;
  readonly change: string;
  readonly target: string | null;
  readonly text: string;
  readonly details: readonly string[];
  readonly command: string | null;
}

/** The changes of a notification. */
export const changesIn = (body: string): readonly NotifiedChange[] =>
  (JSON.parse(body) as { readonly changes: readonly NotifiedChange[] }).changes;

/** The channel of a webhook. */
export const webhook = ({ url }: Hook, rest: object = {}): object => ({ name: 'hook', type: 'webhook', url, ...rest });

/** Configures one target with these channels. */
export const notified = (
  fixture: Fixture,
  notify: readonly object[],
  settings: Readonly<Record<string, unknown>>,
  rest: object = {},
): void =>
  fixture.cli.configure({
    ...configuration([target(fixture.server.url, settings)], groupFiles),
    ...{ notify, ...rest },
  });

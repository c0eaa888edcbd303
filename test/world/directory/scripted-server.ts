import { createServer, type AddressInfo, type Socket } from 'node:net';
import {
  berBoolean,
  berElement,
  berInteger,
  berOctets,
  BerReader,
  tags,
} from '../../../src/source/ldap/protocol/ber.ts';
import { oids, pagedControl } from '../../../src/source/ldap/protocol/controls.ts';
import { Framing } from '../../../src/source/ldap/protocol/framing.ts';

export interface RequestControl {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Buffer | undefined;
}

/** A search as the server got it. */
export interface SearchRequest {
  readonly id: number;
  readonly base: string;
  readonly scope: number;
  readonly sizeLimit: number;
  readonly timeLimit: number;
  /** In hexadecimal digits. */
  readonly filter: string;
  readonly attributes: readonly string[];
  readonly controls: readonly RequestControl[];
  /** Of the control for pages; the cookie as text. */
  readonly page: { readonly size: number; readonly cookie: string } | undefined;
}

/** One connection, from the server's side. */
export interface ServerConnection {
  /** Whole messages, or any bytes. @returns when they have left this process's hands */
  send(...bytes: readonly Buffer[]): Promise<void>;
  end(): void;
  /** Ends it in such a way that the other side sees an error. */
  reset(): void;
}

/** What to do about a search; `number` counts all of them from 1. */
export type SearchScript = (search: SearchRequest, line: ServerConnection, number: number) => void | Promise<void>;

export interface ScriptedDirectory {
  readonly url: string;
  readonly searches: SearchRequest[];
  /** Ids of searches that were abandoned. */
  readonly abandoned: number[];
  /** Connections that there were. */
  readonly connections: () => number;
  [Symbol.asyncDispose](): Promise<void>;
}

const operation = { bind: 0x60, unbind: 0x42, search: 0x63, abandon: 0x50 } as const;

/**
 * A server that accepts every bind and answers searches by a script, for behaviour that real servers do not show on
 * demand.
 */
export async function scriptedDirectory(script: SearchScript): Promise<ScriptedDirectory> {
  const searches: SearchRequest[] = [];
  const abandoned: number[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let failure: Error | undefined;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    const connection = serverConnection(socket);
    const framing = new Framing();
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      for (const message of framing.push(chunk)) {
        const reader = new BerReader(message).inside(tags.sequence);
        const id = reader.integer();
        const kind = reader.peek();
        if (kind === operation.bind) void connection.send(result(id, 0x61, {}));
        else if (kind === operation.abandon) abandoned.push(reader.integer(operation.abandon));
        else if (kind === operation.unbind) socket.end();
        else if (kind === operation.search) {
          const search = readSearch(id, reader);
          searches.push(search);
          Promise.resolve(script(search, connection, searches.length)).catch((error: unknown) => {
            failure ??= error instanceof Error ? error : new Error(String(error));
            socket.destroy();
          });
        }
      }
    });
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  return {
    url: `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`,
    searches,
    abandoned,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
      if (failure !== undefined) throw failure;
    },
  };
}

function serverConnection(socket: Socket): ServerConnection {
  return {
    async send(...bytes) {
      const whole = Buffer.concat(bytes);
      await new Promise<void>((done) => {
        socket.write(whole, () => {
          done();
        });
      });
    },
    end() {
      socket.end();
    },
    reset() {
      socket.resetAndDestroy();
    },
  };
}

function readSearch(id: number, reader: BerReader): SearchRequest {
  const search = reader.inside(operation.search);
  const base = search.text();
  const scope = search.integer(tags.enumerated);
  search.integer(tags.enumerated);
  const [sizeLimit, timeLimit] = [search.integer(), search.integer()];
  search.boolean();
  const tag = search.peek() ?? -1;
  const filter = berElement(tag, search.element(tag)).toString('hex');
  const attributes: string[] = [];
  const list = search.inside(tags.sequence);
  while (!list.isAtEnd) attributes.push(list.text());
  const controls = reader.peek() === 0xa0 ? readControls(reader.inside(0xa0)) : [];
  return { id, base, scope, sizeLimit, timeLimit, filter, attributes, controls, page: pageOf(controls) };
}

function readControls(reader: BerReader): readonly RequestControl[] {
  const all: RequestControl[] = [];
  while (!reader.isAtEnd) {
    const control = reader.inside(tags.sequence);
    const oid = control.text();
    const critical = control.peek() === tags.boolean && control.boolean();
    all.push({ oid, critical, value: control.isAtEnd ? undefined : control.octets() });
  }
  return all;
}

function pageOf(controls: readonly RequestControl[]): SearchRequest['page'] {
  const value = controls.find(({ oid }) => oid === oids.paged)?.value;
  if (value === undefined) return undefined;
  const reader = new BerReader(value).inside(tags.sequence);
  return { size: reader.integer(), cookie: reader.text() };
}

export interface ResponseControlOptions {
  readonly oid: string;
  readonly value?: Buffer | undefined;
}

const controlsOf = (controls: readonly ResponseControlOptions[]): readonly Buffer[] =>
  controls.length === 0
    ? []
    : [
        berElement(
          0xa0,
          ...controls.map(({ oid, value }) =>
            berElement(
              tags.sequence,
              berOctets(oid),
              berBoolean(false),
              ...(value === undefined ? [] : [berOctets(value)]),
            ),
          ),
        ),
      ];

/** Any answer to a request: an operation of this tag with this content. */
export const answer = (
  id: number,
  tag: number,
  content: readonly Buffer[],
  controls: readonly ResponseControlOptions[] = [],
): Buffer => berElement(tags.sequence, berInteger(id), berElement(tag, ...content), ...controlsOf(controls));

export interface Result {
  readonly code?: number;
  readonly matchedDn?: string;
  readonly message?: string;
  readonly referrals?: readonly string[];
  readonly controls?: readonly ResponseControlOptions[];
}

export const result = (
  id: number,
  tag: number,
  { code = 0, matchedDn = '', message = '', referrals = [], controls = [] }: Result,
): Buffer =>
  answer(
    id,
    tag,
    [
      berInteger(code, tags.enumerated),
      berOctets(matchedDn),
      berOctets(message),
      ...(referrals.length === 0 ? [] : [berElement(0xa3, ...referrals.map((url) => berOctets(url)))]),
    ],
    controls,
  );

export const done = (id: number, of: Result = {}): Buffer => result(id, 0x65, of);

/** The end of a page; an empty cookie: of the last. */
export const pageDone = (id: number, cookie: string, of: Result = {}): Buffer => {
  const { oid, value } = pagedControl(0, Buffer.from(cookie));
  return done(id, { ...of, controls: [{ oid, value }, ...(of.controls ?? [])] });
};

export const entry = (id: number, content: Buffer, controls: readonly ResponseControlOptions[] = []): Buffer =>
  answer(id, 0x64, [content], controls);

export const reference = (id: number, ...urls: readonly string[]): Buffer =>
  answer(
    id,
    0x73,
    urls.map((url) => berOctets(url)),
  );

export const intermediate = (id: number, name?: string, value?: Buffer): Buffer =>
  answer(id, 0x79, [
    ...(name === undefined ? [] : [berOctets(name, 0x80)]),
    ...(value === undefined ? [] : [berOctets(value, 0x81)]),
  ]);

/** An unsolicited notification (RFC 4511 4.4). */
export const notice = (message: string, name?: string): Buffer =>
  answer(0, 0x78, [
    berInteger(52, tags.enumerated),
    berOctets(''),
    berOctets(message),
    ...(name === undefined ? [] : [berOctets(name, 0x8a)]),
  ]);

import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** One request of an exporter. */
export interface TraceRequest {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A collector that receives OTLP over HTTP, and accepts all of it. */
export interface TraceReceiver {
  readonly url: string;
  readonly requests: readonly TraceRequest[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a collector on a free port. */
export async function startTraceReceiver(): Promise<TraceReceiver> {
  const requests: TraceRequest[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      requests.push({ path: request.url, headers: request.headers, body });
      response.setHeader('content-type', request.headers['content-type'] ?? '').end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A span of OTLP in JSON, with its attributes as an object. */
export interface ReceivedSpan {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface SpanJson {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly KeyValue[];
  readonly status: { readonly code: number };
}

interface ExportJson {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly SpanJson[] }[];
  }[];
}

const toObject = (attributes: readonly KeyValue[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const exportsOf = (requests: readonly TraceRequest[]): readonly ExportJson[] =>
  requests.map(({ body }) => JSON.parse(body.toString()) as ExportJson);

/** The spans of requests in JSON. */
export const spansOf = (requests: readonly TraceRequest[]): readonly ReceivedSpan[] =>
  exportsOf(requests)
    .flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans))
    .flatMap(({ spans }) => spans)
    .map(({ name, spanId, parentSpanId, attributes, status }) => ({
      ...{ name, spanId, parentSpanId, attributes: toObject(attributes), isError: status.code === 2 },
    }));

/** What the first request states about the program that sent it. */
export const resourceOf = (requests: readonly TraceRequest[]): Readonly<Record<string, unknown>> =>
  toObject(exportsOf(requests)[0]?.resourceSpans[0]?.resource.attributes ?? []);

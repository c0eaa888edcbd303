import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorResponse, type Response } from './response.ts';
import { ScimError } from './scim-error.ts';

/** A request whose head has arrived; the body may still be in transit. */
export interface IncomingRequest {
  readonly method: string;
  /** Path and query, still percent-encoded. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Reads the whole body. @throws ScimError 413 for a body of more than 32 MB */
  text(): Promise<string>;
}

/** @returns undefined to close the connection without a response */
export type RequestHandler = (incoming: IncomingRequest) => Promise<Response | undefined>;

/** An HTTP server that accepts connections on its port. */
export interface RunningServer {
  readonly port: number;
  /** Closes the port and all connections. */
  close(): Promise<void>;
}

const maxBodyBytes = 32 * 1024 * 1024;

/** Listens on 127.0.0.1. @param port 0 for any free port. Rejects with the system's error if the port is in use */
export async function listen(port: number, handler: RequestHandler): Promise<RunningServer> {
  const server = createServer((request, response) => void serve(request, response, handler));
  // Longer than any client keeps an idle connection, so that no request arrives on a connection that is closing.
  server.keepAliveTimeout = 300_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

async function serve(request: IncomingMessage, response: ServerResponse, handler: RequestHandler): Promise<void> {
  const incoming: IncomingRequest = {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: request.headers,
    text: () => readText(request),
  };
  const result = await handleWithErrors(incoming, handler);
  if (result === undefined) request.socket.destroy();
  else send(response, result);
}

/** Runs a handler and turns an exception into an error response: a ScimError as it is, any other error as 500. */
export async function handleWithErrors(
  incoming: IncomingRequest,
  handler: RequestHandler,
): Promise<Response | undefined> {
  try {
    return await handler(incoming);
  } catch (error) {
    const scimError =
      error instanceof ScimError ? error : new ScimError(500, `The sandbox itself failed: ${String(error)}`);
    return errorResponse(scimError);
  }
}

function send(response: ServerResponse, { status, headers, body, text }: Response): void {
  const content = body === undefined ? text : JSON.stringify(body);
  response.writeHead(
    status,
    content === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(content) },
  );
  response.end(content);
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  if (size > maxBodyBytes) throw new ScimError(413, `The body is larger than ${maxBodyBytes} bytes.`);
  return Buffer.concat(chunks).toString('utf8');
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

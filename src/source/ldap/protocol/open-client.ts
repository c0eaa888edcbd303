import type { Socket } from 'node:net';
import type { Client } from 'ldapts';
import { createClient, type LdapClient } from './client.ts';
import { ClosedAfterHandshake, isConnectionEnd } from './connect-error.ts';
import type { LdapConnection, LdapTls } from '../settings.ts';

/** Members of the ldapts client that are not part of its public interface. */
interface ClientInternals {
  socket?: Socket | undefined;
  readonly messageParser: { read(data: Buffer, details: unknown): void };
  _nextMessageId(): number;
  _connect(): Promise<void> | undefined;
}

/**
 * Opens one connection. ldapts does TCP, TLS or StartTLS, and the bind. `createClient` reads all later responses
 * itself, because ldapts
 *
 *   parses every attribute of every entry
 *   stops a paged search at an empty page
 *   ignores intermediate responses (RFC 4511 4.13)
 *   drops the controls of entries
 *   drops what follows a message that it cannot parse
 *   reconnects by itself, unbound and without StartTLS
 *
 * @throws the error of the socket, of TLS or of the bind, with its `code`
 */
export async function openClient(url: string, connection: LdapConnection, signal: AbortSignal): Promise<LdapClient> {
  const { tls, connectTimeoutMs } = connection;
  // Other sources do not load the package.
  const { Client } = await import('ldapts');
  // With TLS options, ldapts would start TLS at the first byte of an ldap:// connection.
  const client = new Client({ url, ...(url.startsWith('ldaps:') ? { tlsOptions: tlsOptions(tls) } : {}) });
  const internals = client as unknown as ClientInternals;
  await withTimeout(connectAndBind(client, url, connection), connectTimeoutMs, signal).catch((error: unknown) => {
    internals.socket?.destroy();
    throw error;
  });
  const { socket } = internals;
  if (socket === undefined || socket.destroyed) throw new Error('the server closed the connection');
  return createClient(url, {
    socket,
    nextMessageId: () => internals._nextMessageId(),
    onData: (receive) => {
      internals.messageParser.read = receive;
    },
  });
}

async function connectAndBind(client: Client, url: string, connection: LdapConnection): Promise<void> {
  const { startTls, tls } = connection;
  await (client as unknown as ClientInternals)._connect();
  if (startTls) await encrypt(client, url, tls);
  try {
    await bindAs(client, connection.bind);
  } catch (error) {
    const isEncrypted = startTls || url.startsWith('ldaps:');
    // In TLS 1.3 the server checks the client certificate after the client has finished the handshake.
    if (isEncrypted && isConnectionEnd(error)) throw new ClosedAfterHandshake(tls.cert !== undefined, { cause: error });
    throw error;
  }
}

async function bindAs(client: Client, bind: LdapConnection['bind']): Promise<void> {
  if (bind.method === 'external') return client.bind('EXTERNAL');
  if (bind.method === 'anonymous') return client.bind('', '');
  const password = bind.password();
  // A DN with an empty password is an unauthenticated bind, which succeeds as anonymous (RFC 4513 5.1.2).
  if (password === '') throw new Error(`the password of ${JSON.stringify(bind.dn)} is empty`);
  return client.bind(bind.dn, password);
}

async function encrypt(client: Client, url: string, tls: LdapTls): Promise<void> {
  try {
    await client.startTLS({ ...tlsOptions(tls), ...hostOf(url, tls) });
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    // A numeric code is the result of StartTLS. Passed on, it would be taken for the result of the bind.
    if (typeof code !== 'number') throw error;
    throw new Error(`the server refuses StartTLS (result code ${code}); write ldaps:// if it offers that`, {
      cause: error,
    });
  }
}

/** The timeouts of ldapts do not cover the TLS handshake of StartTLS. */
async function withTimeout(work: Promise<void>, limitMs: number, signal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(limitMs);
  const abortSignal = AbortSignal.any([signal, timeout]);
  const aborted = new Promise<never>((_resolve, reject) => {
    const end = (): void => {
      reject(
        timeout.aborted
          ? Object.assign(new Error(`no connection within ${limitMs} ms`), { code: 'ETIMEDOUT' })
          : (signal.reason as Error),
      );
    };
    if (abortSignal.aborted) end();
    else abortSignal.addEventListener('abort', end, { once: true });
  });
  await Promise.race([work, aborted]);
}

function tlsOptions({ ca, cert, key, serverName }: LdapTls): Record<string, string> {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

/** Given an existing socket without a host, Node verifies the certificate for "localhost". */
function hostOf(url: string, { serverName }: LdapTls): Record<string, string> {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const isAddress = host.includes(':') || /^[\d.]+$/.test(host);
  return serverName !== undefined || isAddress ? { host } : { host, servername: host };
}

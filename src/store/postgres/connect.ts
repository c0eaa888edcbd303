import pg from 'pg';
import { OperatorError } from '../../model/errors.ts';
import { decodeText } from './encode-values.ts';

/** Where the state is. */
export interface PostgresSettings {
  /** `postgres://user:password@host:port/database?sslmode=verify-full`; it may change. */
  readonly url: () => string;
  /** The schema that has the tables of the state. */
  readonly schema: string;
  /** Authorities that sign the certificate of the server, as PEM; undefined: those that Node.js knows. */
  readonly ca: string | undefined;
}

/** Time for one connection, and for one statement, in ms. Another process may be writing a long plan. */
const connectTimeoutMs = 10_000;
const statementTimeoutMs = 10 * 60_000;

/** What differs between the sessions of a process. */
export interface SessionLimits {
  /** The name by which other processes see it. */
  readonly name?: string;
  /** The server ends a session that is silent for this time, in ms, also in a transaction. By default never. */
  readonly silenceMs?: number;
  /** Time for one statement, in ms. */
  readonly statementMs?: number;
}

/**
 * The server ends a session whose network was cut within half a minute, so that its lock becomes free
 * (https://www.postgresql.org/docs/current/runtime-config-connection.html).
 */
const keepAlive =
  '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=20000';

const modes: ReadonlySet<string> = new Set(['disable', 'require', 'verify-ca', 'verify-full']);

const invalid = (reason: string): OperatorError =>
  new OperatorError(
    'state.databaseUrl',
    `"state.postgres.url" ${reason}; it looks like postgres://user:password@host:5432/database?sslmode=verify-full`,
    4,
  );

/** The parts of the URL, checked. @throws OperatorError that does not repeat it: it has the password */
function partsOf(text: string) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) throw invalid('is no URL of PostgreSQL');
  const mode = url.searchParams.get('sslmode') ?? undefined;
  if (mode !== undefined && !modes.has(mode)) throw invalid(`has an unknown sslmode; it has ${[...modes].join(', ')}`);
  // A host that begins with a slash is the folder of a socket.
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname).replaceAll(/^\[|\]$/g, '');
  const database = decodeURIComponent(url.pathname.slice(1));
  if (host === '' || database === '') throw invalid('names no host or no database');
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  return { mode, host, database, user, password, port: url.port === '' ? 5432 : Number(url.port) };
}

const isThisMachine = (host: string): boolean => /^(\/|localhost$|127\.|::1$)/.test(host);

/** TLS with verification, unless the URL or the place of the server makes it needless. */
function tlsOf(mode: string | undefined, host: string, ca: string | undefined): pg.ClientConfig['ssl'] {
  if (mode === 'disable' || (mode === undefined && isThisMachine(host))) return false;
  const trust = ca === undefined ? {} : { ca };
  if (mode === 'require') return { ...trust, rejectUnauthorized: false };
  return { ...trust, ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}) };
}

/** The state in words, for messages: without user and password. @throws OperatorError for an unusable URL */
export function placeOf({ url, schema }: PostgresSettings): string {
  const { host, port, database } = partsOf(url());
  return `schema ${schema} of the database ${database} at ${host}:${port}`;
}

type Parse = (text: string) => unknown;

/** How values of columns become those of SQLite. The state has no integer that a number does not hold. */
const ownParsers: ReadonlyMap<number, Parse> = new Map<number, Parse>([
  [pg.types.builtins.INT8, Number],
  [pg.types.builtins.TEXT, decodeText],
]);
const parsers: pg.CustomTypesConfig = {
  getTypeParser: (id, format) => ownParsers.get(id) ?? (pg.types.getTypeParser(id, format) as Parse),
};

/** PostgreSQL 13 has no `idle_session_timeout`. */
const limitIdleness = `select set_config(name, $1, false) from pg_settings where name = 'idle_session_timeout'`;

/**
 * Opens a connection.
 *
 * @param onLost it was lost while nothing waited for it
 * @throws an error of Node.js or PostgreSQL
 */
export async function connectTo(
  settings: PostgresSettings,
  onLost: () => void,
  { name = 'scimsync', silenceMs = 0, statementMs = statementTimeoutMs }: SessionLimits = {},
): Promise<pg.Client> {
  const { mode, host, database, user, password, port } = partsOf(settings.url());
  const client = new pg.Client({
    ...{ host, port, database, user, password },
    ssl: tlsOf(mode, host, settings.ca),
    application_name: name,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: connectTimeoutMs,
    options: `${keepAlive} -c idle_in_transaction_session_timeout=${silenceMs}`,
    types: parsers,
  });
  client.on('error', onLost);
  await client.connect();
  if (silenceMs > 0) await client.query(limitIdleness, [String(silenceMs)]);
  return client;
}

import type { ErrorCode } from '../../model/error-codes.ts';
import { OperatorError } from '../../model/errors.ts';

interface DatabaseError {
  readonly code?: unknown;
  readonly message?: unknown;
}

/** Why a database is not usable, by the codes of Node.js, of TLS and of PostgreSQL (its appendix A). */
const failures: readonly { readonly codes: RegExp; readonly code: ErrorCode; readonly text: string }[] = [
  {
    codes: /^28/,
    code: 'state.accessDenied',
    text: 'it refuses the user or the password of "state.postgres.url", or pg_hba.conf does not admit them',
  },
  {
    codes: /^3D000/,
    code: 'state.databaseMissing',
    text: 'it has no such database; create it, or correct "state.postgres.url"',
  },
  {
    codes: /^(?:42501|25006|3F000)/,
    code: 'state.noRight',
    text:
      'the user may not create or change what it needs there: it must own the schema. As an administrator of the ' +
      'database: CREATE SCHEMA name AUTHORIZATION user',
  },
  {
    codes: /^(?:DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_|ERR_TLS|ERR_SSL|EPROTO)|does not support SSL/,
    code: 'state.tls',
    text:
      'the connection is not secure: the certificate must be valid for the host, and signed by an authority that is ' +
      'known or in "state.postgres.caFile". Only on a trusted network: sslmode=disable in the URL',
  },
  {
    codes: /^42P01/,
    code: 'state.vanished',
    text:
      'it has no tables of a state any more. If they were lost, restore a backup of the database; otherwise start ' +
      'this process again, and it begins with an empty state',
  },
  {
    codes: /^(?:53100|53400|54)/,
    code: 'state.noSpace',
    text: 'it has no space left, or a limit is reached',
  },
];

/** Codes of a connection that is lost or cannot be opened now; another attempt may succeed. */
const lostCode = /^(?:08|25P03|57P0|53300|EAI_AGAIN|ECONN|ENETUNREACH|EHOSTUNREACH|ENOENT|ENOTFOUND|EPIPE|ETIMEDOUT)/;
/** Those of `pg`, which have no code. */
const lostMessage = /Connection terminated|timeout|not queryable|connection error/i;

const textsOf = ({ code, message }: DatabaseError): readonly string[] => [String(code), String(message)];

/** Whether the connection was lost, so that what was open on it is rolled back. */
export const isConnectionLoss = (error: unknown): boolean =>
  error instanceof Error &&
  !(error instanceof OperatorError) &&
  failureOf(error) === undefined &&
  (lostCode.test(String((error as DatabaseError).code)) || lostMessage.test(error.message));

const failureOf = (error: DatabaseError): (typeof failures)[number] | undefined =>
  failures.find(({ codes }) => textsOf(error).some((text) => codes.test(text)));

/**
 * The error for a database that cannot be used.
 *
 * @param place the database, in words
 * @returns undefined: it has another reason
 */
export function databaseFailure(place: string, error: unknown): OperatorError | undefined {
  if (!(error instanceof Error) || error instanceof OperatorError) return undefined;
  const failure = failureOf(error);
  const { code } = error as DatabaseError;
  const reason =
    typeof code === 'string' && !error.message.includes(code) ? `${code}: ${error.message}` : error.message;
  if (failure !== undefined)
    return new OperatorError(
      failure.code,
      `the state in ${place} cannot be used (${reason}): ${failure.text}. Nothing is half done.`,
      1,
      { cause: error },
    );
  if (!isConnectionLoss(error)) return undefined;
  return new OperatorError(
    'state.unreachable',
    `the state in ${place} cannot be reached (${reason}). Check that the database runs, and "state.postgres.url". ` +
      'Nothing is half done: what was being written is taken back, and the next pass finds what is left.',
    1,
    { cause: error },
  );
}

import type { NoResponse, NotSent } from '../message.ts';

/** Error codes that occur before the request is written. */
const notSentCodes = new RegExp(
  '^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EADDR|ERR_PROXY|ERR_TLS|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|' +
    'ERR_SSL|EPROTO|ERR_INVALID|ERR_HTTP_INVALID|ERR_UNESCAPED|UND_ERR_CONNECT_TIMEOUT|UND_ERR_INVALID_ARG|' +
    'UND_ERR_NOT_SUPPORTED)',
);

/** Keeps only code and message: the error object of axios contains the request headers, and so the credentials. */
export function failureOf(error: unknown): NotSent | NoResponse {
  const { code, syscall, message } = rootCause(error);
  const wasSent = syscall !== 'connect' && syscall !== 'getaddrinfo' && !notSentCodes.test(code);
  return { kind: wasSent ? 'noResponse' : 'notSent', detail: message === '' ? code : message };
}

interface Failure {
  readonly code: string;
  readonly syscall: string;
  readonly message: string;
}

/** The innermost network error: the HTTP clients wrap it, and Node collects one for each address that it tried. */
function rootCause(error: unknown): Failure {
  const cause = (error as { cause?: unknown }).cause;
  if (cause !== undefined) return rootCause(cause);
  if (error instanceof AggregateError && error.errors.length > 0) return rootCause(error.errors[0]);
  const { code, syscall, message } = error as Partial<Failure>;
  return { code: String(code ?? ''), syscall: String(syscall ?? ''), message: String(message ?? '') };
}

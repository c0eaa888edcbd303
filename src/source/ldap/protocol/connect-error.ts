import { diagnosticMessage } from './search-error.ts';

/** Why a connection to one server failed. */
export interface ConnectFailure {
  readonly sentence: string;
  /** Another server would refuse as well: the credentials or our certificate are wrong, not this server. */
  readonly isFinal: boolean;
}

/** How a connection was tried. */
export interface ConnectAttempt {
  readonly url: string;
  readonly method: 'anonymous' | 'simple' | 'external';
}

/** Why Active Directory refuses a bind, by the number in its diagnostic message ([MS-ERREF] 2.2). */
const bindDataCodes: Readonly<Record<string, string>> = {
  '525': 'the account does not exist; check source.bind.dn',
  '52e': 'the name or the password is wrong; check source.bind',
  '530': 'the account may not log on at this time',
  '531': 'the account may not log on from this host',
  '532': 'the password has expired',
  '533': 'the account is disabled',
  '568': 'the account has too many security identifiers',
  '701': 'the account has expired',
  '773': 'the password must be changed first',
  '775': 'the account is locked',
};

const unknownIssuer = "the issuer of the server's certificate is not trusted; add the CA to source.tls.caFile";

const certificateErrors: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the server's certificate has expired; the server needs a new one",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet; check the clocks of both machines",
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "the server's certificate is self-signed and not trusted; add it, or its CA, to source.tls.caFile",
  SELF_SIGNED_CERT_IN_CHAIN: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownIssuer,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownIssuer,
  CERT_SIGNATURE_FAILURE:
    "the signature of the server's certificate does not match its issuer; check source.tls.caFile",
};

const socketErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: is the server running, is the port right?',
  ENOTFOUND: 'the host name does not exist; check source.url',
  EAI_AGAIN: 'the host name cannot be resolved at the moment; can this machine reach its DNS server?',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
};

/** Explains why a connection failed, and what the operator can do about it. The sentence never holds the password. */
export function connectFailure(error: unknown, bindDn: string | undefined, attempt?: ConnectAttempt): ConnectFailure {
  if (error instanceof ClosedAfterHandshake) return { sentence: error.message, isFinal: false };
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const text = typeof message === 'string' ? message : String(error);
  if (typeof code === 'number') return bindFailure(code, text, bindDn, attempt?.method === 'external');
  const codeName = typeof code === 'string' ? code : undefined;
  const clientCertificateProblem = clientCertificateError(codeName ?? '');
  if (clientCertificateProblem !== undefined) return { sentence: clientCertificateProblem, isFinal: true };
  const sentence =
    tlsSentence(error, codeName, text) ??
    socketSentence(error, codeName, text, attempt?.url.startsWith('ldaps:') === true);
  return {
    sentence: sentence ?? (codeName === undefined ? withoutCode(text) : `${text} (${codeName})`),
    isFinal: false,
  };
}

function tlsSentence(error: unknown, code: string | undefined, text: string): string | undefined {
  const alert = alertSentence(`${code ?? ''} ${text}`);
  if (alert !== undefined) return alert;
  if (code === 'EPROTO' || code?.startsWith('ERR_SSL') === true) return `${noTls} (${code})`;
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? certificateNameMismatch(error) : certificateErrors[code ?? ''];
}

function socketSentence(error: unknown, code: string | undefined, text: string, isTls: boolean): string | undefined {
  if (code === 'ETIMEDOUT') {
    const limit = /\d+ ms/.test(text) ? ` (${text}; source.connectTimeoutMs)` : '';
    return `the server did not respond in time${limit}; is it running, and does a firewall block the port?`;
  }
  if (isConnectionEnd(error))
    return isTls ? `the server closed the connection during the TLS handshake. ${noTls}` : closedBeforeResponse;
  return socketErrors[code ?? ''];
}

const noTls =
  'The port does not accept TLS: is it the right one? ' +
  'If the server uses StartTLS there, write ldap:// and "startTls": true';
const closedBeforeResponse =
  'the server closed the connection before it responded; ' +
  'if the port expects TLS from the first byte, write ldaps:// (without "startTls")';

/** Whether an error means that the server closed the connection without giving a reason. */
export function isConnectionEnd(error: unknown): boolean {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (code === 'ECONNRESET' || code === 'EPIPE') return true;
  return (
    code === undefined && /closed (?:before|the connection)|ECONNRESET|EPIPE|socket hang up/i.test(String(message))
  );
}

/** The server closed the connection right after the TLS handshake, before the result of the bind. */
export class ClosedAfterHandshake extends Error {
  constructor(hasCertificate: boolean, options: ErrorOptions) {
    super(
      'the server closed the connection right after the TLS handshake; ' +
        (hasCertificate
          ? 'it may not accept our client certificate (source.tls.certFile). Its log has the reason'
          : 'it may require a client certificate (source.tls.certFile and source.tls.keyFile). Its log has the reason'),
      options,
    );
  }
}

/** Alerts that concern the client, as OpenSSL names them. */
const tlsAlerts = [
  'certificate required',
  'certificate expired',
  'certificate revoked',
  'certificate unknown',
  'bad certificate',
  'unknown ca',
  'unsupported certificate',
  'handshake failure',
  'protocol version',
  'decrypt error',
] as const;

/** Explains a TLS alert that the server sent (RFC 8446 6.2). */
function alertSentence(text: string): string | undefined {
  const plainText = text.toLowerCase().replaceAll('_', ' ');
  const name = tlsAlerts.find((alert) => plainText.includes(`alert ${alert}`));
  if (name === undefined) return undefined;
  if (name === 'certificate required')
    return 'the server requires a client certificate; set source.tls.certFile and source.tls.keyFile';
  if (name === 'handshake failure' || name === 'protocol version')
    return (
      'the server and this client have no TLS version or cipher in common, ' +
      `or the server requires a client certificate (TLS alert "${name}")`
    );
  return `the server does not accept our client certificate (TLS alert "${name}"); check source.tls.certFile`;
}

function certificateNameMismatch(error: unknown): string {
  const { cert } = error as {
    readonly cert?: { readonly subjectaltname?: unknown; readonly subject?: { readonly CN?: unknown } };
  };
  const names = cert?.subjectaltname ?? cert?.subject?.CN;
  const certified =
    typeof names === 'string' && names !== ''
      ? `${names.replaceAll('IP Address:', '').replaceAll('DNS:', '')}, not for the host in the URL`
      : 'another host name';
  return (
    `the server's certificate is for ${certified}; ` +
    'use a name from the certificate in source.url, or set source.tls.serverName'
  );
}

function clientCertificateError(code: string): string | undefined {
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'source.tls.keyFile is not the key of source.tls.certFile';
  if (
    code === 'ERR_MISSING_PASSPHRASE' ||
    /^ERR_OSSL_(?:CRYPTO_INTERRUPTED_OR_CANCELLED|BAD_DECRYPT|PEM_BAD_PASSWORD_READ)$/.test(code)
  )
    return 'source.tls.keyFile is encrypted; use a key without a passphrase';
  return /^ERR_OSSL_/.test(code)
    ? `source.tls.certFile or source.tls.keyFile cannot be used: are both complete and in PEM form? (${code})`
    : undefined;
}

function bindFailure(code: number, message: string, bindDn: string | undefined, isExternal: boolean): ConnectFailure {
  const bind = isExternal
    ? 'the bind by client certificate (SASL EXTERNAL)'
    : bindDn === undefined
      ? 'the anonymous bind'
      : `the bind as ${JSON.stringify(bindDn)}`;
  const dataReason = bindDataCodes[/\bdata ([0-9a-f]{3,4})\b/i.exec(message)?.[1]?.toLowerCase() ?? ''];
  switch (code) {
    case 49:
      return {
        sentence:
          `the server refuses ${bind}: ` +
          `${dataReason ?? 'the DN or the password is wrong; check source.bind'} (invalidCredentials)`,
        isFinal: true,
      };
    case 48:
      return {
        sentence: `the server does not allow ${bind} (inappropriateAuthentication); check source.bind`,
        isFinal: true,
      };
    case 7:
      return {
        sentence: isExternal
          ? `the server does not support ${bind} (authMethodNotSupported). ` +
            'Does it trust the issuer of source.tls.certFile, and does it request client certificates?'
          : `the server does not support ${bind} (authMethodNotSupported)`,
        isFinal: true,
      };
    case 34:
      return {
        sentence: `the server refuses ${bind}: the DN is not valid (invalidDNSyntax); check source.bind.dn`,
        isFinal: true,
      };
    case 8:
    case 13:
      return {
        sentence: `the server refuses ${bind} on an unencrypted connection; use ldaps:// or "startTls": true`,
        isFinal: false,
      };
    case 53:
      return {
        sentence: `the server refuses ${bind} (unwillingToPerform)${diagnosticMessage(withoutCode(message))}`,
        isFinal: true,
      };
    case 51:
    case 52:
      return { sentence: `the server is busy or unavailable (result code ${code})`, isFinal: false };
    default:
      return {
        sentence: `the server refuses ${bind} (result code ${code})${diagnosticMessage(withoutCode(message))}`,
        isFinal: false,
      };
  }
}

/**
 * Removes what ldapts adds to a message: the result code at its end, and its own context before the system's message.
 */
function withoutCode(text: string): string {
  return text
    .replace(/\s*Code: 0x[0-9a-f]+$/i, '')
    .replace(/^(?:Socket error|Connection closed)[^\n]*\n/, '')
    .replace(/\s*Message type: .*$/s, '')
    .trim();
}

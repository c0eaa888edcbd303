import type { ErrorCode } from '../../../model/error-codes.ts';
import { IncompleteReading } from '../../../model/errors.ts';
import type { SearchDone } from './messages.ts';

/** By result code (RFC 4511 4.1.9). */
const searchErrorCodes: Readonly<Record<number, ErrorCode>> = {
  1: 'ldap.accessDenied',
  3: 'ldap.timeLimitExceeded',
  4: 'ldap.sizeLimitExceeded',
  8: 'ldap.accessDenied',
  10: 'ldap.referral',
  11: 'ldap.adminLimitExceeded',
  13: 'ldap.accessDenied',
  32: 'ldap.noSuchObject',
  34: 'ldap.invalidDnSyntax',
  50: 'ldap.accessDenied',
  51: 'ldap.unavailable',
  52: 'ldap.unavailable',
};

/** A search ended with another result than success. */
export class SearchFailed extends IncompleteReading {
  /** RFC 4511 4.1.9. */
  readonly resultCode: number;

  constructor(message: string, resultCode: number) {
    super(searchErrorCodes[resultCode] ?? 'ldap.searchFailed', message);
    this.resultCode = resultCode;
  }
}

/** What a search that did not succeed means for whoever runs it. */
export function searchError(url: string, search: { readonly base: string }, done: SearchDone): SearchFailed {
  return new SearchFailed(
    `${url}: ${searchSentence(search.base, done)}${serverMessage(done.message)}. The reading is not complete: nothing was planned, everything stays as it is.`,
    done.code,
  );
}

function searchSentence(base: string, { code, matchedDn, referrals }: SearchDone): string {
  const below = base === '' ? 'the entries' : `the entries below ${JSON.stringify(base)}`;
  switch (code) {
    case 3:
      return `the server took longer for ${below} than it allows this account (timeLimitExceeded); raise that limit, or use smaller pages by "pageSize"`;
    case 4:
      return `the server gave only some of ${below} and stopped (sizeLimitExceeded); raise the size limit of the account that reads`;
    case 11:
      return `the server refuses to give ${below} in this way (adminLimitExceeded); use smaller pages by "pageSize", or raise the limits of the account that reads`;
    case 10:
      return `some of ${below} are on other servers: ${referrals.join(', ')} (referral). Referrals are not followed; choose a base that this server holds, or a server that holds them all`;
    case 32: {
      const nearest = matchedDn === '' ? '' : `; what is there is ${JSON.stringify(matchedDn)}`;
      return `there is no entry ${JSON.stringify(base)}, or this account may not see it (noSuchObject)${nearest}. Look at "base" and at the account's rights`;
    }
    case 34:
      return `${JSON.stringify(base)} is no name that the server understands (invalidDNSyntax). Look at "base"`;
    case 1:
      return `the server refused to search ${below} (operationsError); it may want a bind first. Look at "bind"`;
    case 8:
    case 13:
      return `the server wants an encrypted connection or a stronger bind (${code === 8 ? 'strongerAuthRequired' : 'confidentialityRequired'}). Use ldaps:// or "startTls"`;
    case 50:
      return `the account that reads may not read ${below} (insufficientAccessRights); give it the right to, or look at source.bind`;
    case 12:
      return `the server does not offer what was asked for with ${below} (unavailableCriticalExtension)`;
    case 51:
    case 52:
      return `the server is ${code === 51 ? 'busy' : 'shutting down or not available'} (result code ${code}); the next pass tries again`;
    case 53:
      return `the server is unwilling to give ${below} (unwillingToPerform); look at what the server allows the account that reads`;
    default:
      return `searching ${below} failed with result code ${code}`;
  }
}

/** The server's own words, in one line and no longer than a message should be. */
function serverMessage(message: string): string {
  const text = message
    .replace(/[\s\u0000]+/g, ' ')
    .trim()
    .replace(/\.$/, '');
  return text === '' ? '' : `; it says: ${text.slice(0, 300)}`;
}

/** What prevented a connection. */
export interface ConnectFailure {
  readonly sentence: string;
  /** Another server would say the same: the credentials are wrong, not this server. */
  readonly isFinal: boolean;
}

/** How a connection was tried. */
export interface ConnectAttempt {
  readonly url: string;
  readonly method: 'anonymous' | 'simple' | 'external';
}

/** Why Active Directory refuses a bind, by the number in its message ([MS-ERREF] 2.2). */
const bindDataCodes: Readonly<Record<string, string>> = {
  '525': 'it knows no such account; look at source.bind.dn',
  '52e': 'the name or the password is wrong; look at source.bind',
  '530': 'the account may not log on at this time',
  '531': 'the account may not log on from here',
  '532': 'the password has expired',
  '533': 'the account is disabled',
  '568': 'too many security identifiers',
  '701': 'the account has expired',
  '773': 'the password must be changed first',
  '775': 'the account is locked',
};

const unknownIssuer = 'who signed its certificate is not known here; name them in source.tls.caFile';

const certificateErrors: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired; the server needs a new one',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; look at the clocks of both machines',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is signed by itself and not known here; name it, or who signed it, in source.tls.caFile',
  SELF_SIGNED_CERT_IN_CHAIN: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownIssuer,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownIssuer,
  CERT_SIGNATURE_FAILURE: 'its certificate is not signed by whom it says; look at source.tls.caFile',
};

const socketErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there; is the directory running, and is the port right?',
  ENOTFOUND: 'there is no host of that name; look at source.url',
  EAI_AGAIN: 'the name of the host cannot be looked up at the moment; does this machine reach its name server?',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
};

/** Why there is no connection. The password is never part of it. */
export function connectFailure(error: unknown, bindDn: string | undefined, attempt?: ConnectAttempt): ConnectFailure {
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
  if (code === 'ETIMEDOUT')
    return `it did not answer in time${/\d+ ms/.test(text) ? ` (${text}; source.connectTimeoutMs)` : ''}; is it running, and is no firewall between?`;
  if (isConnectionEnd(error))
    return isTls ? `it ended the connection instead of taking up TLS. ${noTls}` : endedInClear;
  return socketErrors[code ?? ''];
}

const noTls =
  'It does not speak TLS there: is the port right? Where it speaks LDAP that is encrypted afterwards, write ldap:// and "startTls": true';
const endedInClear =
  'it ended the connection before it answered; where the port is one for TLS from the start, write ldaps:// (without "startTls")';

/** Whether an error means that the other side ended the connection, and said no more. */
export function isConnectionEnd(error: unknown): boolean {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (code === 'ECONNRESET' || code === 'EPIPE') return true;
  return (
    code === undefined && /closed (?:before|the connection)|ECONNRESET|EPIPE|socket hang up/i.test(String(message))
  );
}

export const endedAfterTls = (hasCertificate: boolean): string =>
  hasCertificate
    ? 'it ended the connection as soon as TLS was set up; it may not accept our client certificate (source.tls.certFile), and its log says why'
    : 'it ended the connection as soon as TLS was set up; it may want a client certificate (source.tls.certFile and source.tls.keyFile), and its log says why';

/** What the server's TLS says of us (RFC 8446 6.2). */
function alertSentence(text: string): string | undefined {
  const alert =
    /ALERT[ _](CERTIFICATE[ _](?:REQUIRED|EXPIRED|REVOKED|UNKNOWN)|BAD[ _]CERTIFICATE|UNKNOWN[ _]CA|UNSUPPORTED[ _]CERTIFICATE|HANDSHAKE[ _]FAILURE|PROTOCOL[ _]VERSION|DECRYPT[ _]ERROR)/i.exec(
      text,
    )?.[1];
  if (alert === undefined) return undefined;
  const name = alert.toLowerCase().replaceAll('_', ' ');
  if (name === 'certificate required')
    return 'it wants a client certificate; name one in source.tls.certFile and source.tls.keyFile';
  if (name === 'handshake failure' || name === 'protocol version')
    return `it and we have no way of encryption in common, or it wants a client certificate (TLS alert "${name}")`;
  return `it does not accept our client certificate (TLS alert "${name}"); look at source.tls.certFile`;
}

function certificateNameMismatch(error: unknown): string {
  const { cert } = error as {
    readonly cert?: { readonly subjectaltname?: unknown; readonly subject?: { readonly CN?: unknown } };
  };
  const names = cert?.subjectaltname ?? cert?.subject?.CN;
  const certifiedName =
    typeof names === 'string' && names !== ''
      ? `${names.replaceAll('IP Address:', '').replaceAll('DNS:', '')}, which is not what the URL calls it`
      : 'another name';
  return `its certificate is for ${certifiedName}; use the name of the certificate in source.url, or put it into source.tls.serverName`;
}

function clientCertificateError(code: string): string | undefined {
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'source.tls.keyFile is not the key of source.tls.certFile';
  if (
    code === 'ERR_MISSING_PASSPHRASE' ||
    /^ERR_OSSL_(?:CRYPTO_INTERRUPTED_OR_CANCELLED|BAD_DECRYPT|PEM_BAD_PASSWORD_READ)$/.test(code)
  )
    return 'source.tls.keyFile is encrypted; a key without passphrase is needed';
  return /^ERR_OSSL_/.test(code)
    ? `source.tls.certFile or source.tls.keyFile cannot be used: is it PEM, and whole? (${code})`
    : undefined;
}

function bindFailure(code: number, message: string, bindDn: string | undefined, isExternal: boolean): ConnectFailure {
  const bindDescription = isExternal
    ? 'our client certificate as a bind'
    : bindDn === undefined
      ? 'a bind as nobody'
      : `the bind of ${JSON.stringify(bindDn)}`;
  const dataReason = bindDataCodes[/\bdata ([0-9a-f]{3,4})\b/i.exec(message)?.[1]?.toLowerCase() ?? ''];
  switch (code) {
    case 49:
      return {
        sentence: `it refuses ${bindDescription}: ${dataReason ?? 'the DN or the password is wrong; look at source.bind'} (invalidCredentials)`,
        isFinal: true,
      };
    case 48:
      return {
        sentence: `it refuses ${bindDescription}: this way of binding is not allowed (inappropriateAuthentication); look at source.bind`,
        isFinal: true,
      };
    case 7:
      return {
        sentence: isExternal
          ? `it refuses ${bindDescription} (authMethodNotSupported); was source.tls.certFile signed by somebody whom the server trusts, and does it ask for client certificates?`
          : `it refuses ${bindDescription}: it does not offer this way of binding (authMethodNotSupported)`,
        isFinal: true,
      };
    case 34:
      return {
        sentence: `it refuses ${bindDescription}: that is no name that it understands (invalidDNSyntax); look at source.bind.dn`,
        isFinal: true,
      };
    case 8:
    case 13:
      return {
        sentence: `it refuses ${bindDescription} on an unencrypted connection; use ldaps:// or "startTls": true`,
        isFinal: false,
      };
    case 53:
      return {
        sentence: `it is unwilling to take ${bindDescription}${serverMessage(withoutCode(message))}`,
        isFinal: true,
      };
    case 51:
    case 52:
      return { sentence: `it is busy or not available (result code ${code})`, isFinal: false };
    default:
      return {
        sentence: `it refuses ${bindDescription} (result code ${code})${serverMessage(withoutCode(message))}`,
        isFinal: false,
      };
  }
}

/** The package appends the code in its own form, and puts its own context before what the system said. */
function withoutCode(text: string): string {
  return text
    .replace(/\s*Code: 0x[0-9a-f]+$/i, '')
    .replace(/^(?:Socket error|Connection closed)[^\n]*\n/, '')
    .replace(/\s*Message type: .*$/s, '')
    .trim();
}

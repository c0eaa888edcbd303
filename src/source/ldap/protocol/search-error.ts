import type { ErrorCode } from '../../../model/error-codes.ts';
import { IncompleteReading } from '../../../model/errors.ts';
import { incomplete } from './incomplete-reading.ts';
import type { SearchDone } from './messages.ts';

/** By result code (RFC 4511 4.1.9). */
const errorCodes: Readonly<Record<number, ErrorCode>> = {
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

  constructor(text: ConstructorParameters<typeof IncompleteReading>[1], resultCode: number) {
    super(errorCodes[resultCode] ?? 'ldap.searchFailed', text);
    this.resultCode = resultCode;
  }
}

/** Explains the result of a search that did not succeed, and what the operator can do about it. */
export function searchError(url: string, search: { readonly base: string }, done: SearchDone): SearchFailed {
  return new SearchFailed(
    (consequence) =>
      `${url}: ${explainResult(search.base, done)}${diagnosticMessage(done.message)}. ${incomplete(consequence)}`,
    done.code,
  );
}

function explainResult(base: string, { code, matchedDn, referrals }: SearchDone): string {
  const entries = base === '' ? 'the entries' : `the entries below ${JSON.stringify(base)}`;
  switch (code) {
    case 3:
      return (
        `the server needed more time for ${entries} than it allows this account (timeLimitExceeded); ` +
        'raise that limit, or set a smaller "pageSize"'
      );
    case 4:
      return (
        `the server returned only some of ${entries} and stopped (sizeLimitExceeded); ` +
        'raise the size limit of the bind account'
      );
    case 11:
      return (
        `the server refuses to return ${entries} in this way (adminLimitExceeded); ` +
        'set a smaller "pageSize", or raise the limits of the bind account'
      );
    case 10:
      return (
        `some of ${entries} are on other servers: ${referrals.join(', ')} (referral). Referrals are not followed; ` +
        'choose a base that this server holds, or a server that holds all entries'
      );
    case 32: {
      const nearest = matchedDn === '' ? '' : `; the nearest existing entry is ${JSON.stringify(matchedDn)}`;
      return (
        `the entry ${JSON.stringify(base)} does not exist, or the bind account may not read it ` +
        `(noSuchObject)${nearest}. Check "base" and the rights of the account`
      );
    }
    case 34:
      return `${JSON.stringify(base)} is not a valid DN for this server (invalidDNSyntax). Check "base"`;
    case 1:
      return `the server refused to search ${entries} (operationsError); it may require a bind. Check source.bind`;
    case 8:
    case 13:
      return (
        'the server requires an encrypted connection or a stronger bind ' +
        `(${code === 8 ? 'strongerAuthRequired' : 'confidentialityRequired'}). Use ldaps:// or "startTls"`
      );
    case 50:
      return (
        `the bind account may not read ${entries} (insufficientAccessRights); ` +
        'grant it read access, or check source.bind'
      );
    case 12:
      return `the server does not support a control of the search for ${entries} (unavailableCriticalExtension)`;
    case 51:
    case 52:
      return `the server is ${code === 51 ? 'busy' : 'unavailable'} (result code ${code}); the next pass tries again`;
    case 53:
      return (
        `the server refuses to return ${entries} (unwillingToPerform); ` +
        'check what the server allows the bind account'
      );
    default:
      return `the search for ${entries} failed with result code ${code}`;
  }
}

/**
 * The server's diagnosticMessage (RFC 4511 4.1.9) as one line of at most 300 characters, to be appended to a sentence.
 */
export function diagnosticMessage(message: string): string {
  const text = message
    .replace(/[\s\u0000]+/g, ' ')
    .trim()
    .replace(/\.$/, '');
  return text === '' ? '' : `; server message: ${text.slice(0, 300)}`;
}

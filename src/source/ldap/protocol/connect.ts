import { IncompleteReading } from '../../../model/errors.ts';
import { openClient, type LdapClient } from './client.ts';
import { connectFailure } from './error-text.ts';
import type { LdapConnection } from '../settings.ts';

/**
 * Connects to the first server that answers and takes the bind. A server that refuses the credentials ends it: others would
 * count one more failed attempt of the same account.
 *
 * @throws IncompleteReading
 */
export async function connect(connection: LdapConnection, signal: AbortSignal): Promise<LdapClient> {
  const { urls, bind } = connection;
  const failures: string[] = [];
  let isRefused = false;
  for (const [index, url] of urls.entries()) {
    try {
      return await openClient(url, connection, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { sentence, isFinal } = connectFailure(error, bind.method === 'simple' ? bind.dn : undefined, {
        url,
        method: bind.method,
      });
      failures.push(`${url}: ${sentence}`);
      if (!isFinal) continue;
      if (index < urls.length - 1)
        failures.push(
          'The other servers were not tried: it would be no different there, and each refusal counts against the account',
        );
      isRefused = true;
      break;
    }
  }
  const sentences = failures.map((failure) => (/[.?]$/.test(failure) ? failure : `${failure}.`));
  throw new IncompleteReading(
    isRefused ? 'ldap.credentialsRefused' : 'ldap.connectFailed',
    `The directory cannot be read. ${sentences.join(' ')} Nothing was planned, everything stays as it is.`,
  );
}

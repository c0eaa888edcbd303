import { IncompleteReading } from '../../model/errors.ts';
import { openClient, type LdapClient } from './client.ts';
import { connectFailure } from './complaint.ts';
import type { LdapConnection } from './settings.ts';

/**
 * Connects to the first server that answers and takes the bind. A server that refuses the credentials ends it: others would
 * count one more failed attempt of the same account.
 *
 * @throws IncompleteReading
 */
export async function connect(connection: LdapConnection, signal: AbortSignal): Promise<LdapClient> {
  const { urls, bind } = connection;
  const failures: string[] = [];
  for (const url of urls) {
    try {
      return await openClient(url, connection, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { sentence, isFinal } = connectFailure(error, bind.method === 'simple' ? bind.dn : undefined);
      failures.push(`${url}: ${sentence}`);
      if (isFinal) break;
    }
  }
  throw new IncompleteReading(`The directory cannot be read. ${failures.map((failure) => failure.replace(/[.?]?$/, (end) => (end === '?' ? end : '.'))).join(' ')}`);
}

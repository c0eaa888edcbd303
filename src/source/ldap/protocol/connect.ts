import { IncompleteReading } from '../../../model/errors.ts';
import { nextTryText, openGate } from '../../../model/credentials/credential-gate.ts';
import type { LdapClient } from './client.ts';
import { connectFailure } from './connect-error.ts';
import { openClient } from './open-client.ts';
import type { LdapConnection } from '../settings.ts';

/**
 * Connects and binds to the first server that accepts both. After a server refuses the credentials, the others are not
 * tried: each would count one more failed attempt of the same account.
 *
 * @throws IncompleteReading
 */
export async function connect(connection: LdapConnection, signal: AbortSignal): Promise<LdapClient> {
  const { urls, bind, gate = openGate } = connection;
  const refusal = gate.closed();
  if (refusal !== undefined)
    throw new IncompleteReading(
      'ldap.credentialsRefused',
      `The directory refused the credentials ${refusal.count} times. ${nextTryText(refusal)}. ${nothingChanged}`,
    );
  const failures: string[] = [];
  let isRefused = false;
  for (const [index, url] of urls.entries()) {
    try {
      const client = await openClient(url, connection, signal);
      gate.accepted();
      return client;
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
          'The other servers were not tried: they would refuse as well, and each refusal counts against the account',
        );
      isRefused = true;
      break;
    }
  }
  const sentences = failures.map((failure) => (/[.?]$/.test(failure) ? failure : `${failure}.`));
  throw new IncompleteReading(
    isRefused ? 'ldap.credentialsRefused' : 'ldap.connectFailed',
    [
      `The directory cannot be read. ${sentences.join(' ')}`,
      ...(isRefused && bind.method === 'simple' ? [`${nextTryText(gate.refused())}.`] : []),
      nothingChanged,
    ].join(' '),
  );
}

const nothingChanged = 'Nothing was planned or changed.';

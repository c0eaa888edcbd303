import { createHash } from 'node:crypto';
import { ChangesUnavailable } from './changes-unavailable.ts';
import { namingContextOf } from './sync-searches.ts';
import type { LdapClient } from '../protocol/client.ts';
import { readEntry } from '../protocol/entry.ts';
import { compileFilter } from '../protocol/filter.ts';
import { pagedSearch } from '../protocol/paged.ts';
import type { RootDse } from '../protocol/root-dse.ts';
import { searchForAny } from '../protocol/run-search.ts';
import { searchError } from '../protocol/search-error.ts';
import type { PartSearch } from '../read/part-searches.ts';

/*
 * 389 Directory Server computes attributes of an entry from other entries: nsRole from role definitions, and any
 * attribute, such as nsAccountLock, from classes of service (CoS). A change of such a definition changes many entries,
 * and the changelog reports the definition alone. So the bookmark holds a digest of all definitions; if it differs, a
 * full read is needed.
 *
 *     role definition ─▶ nsRole of the entry ─▶ CoS definition and template ─▶ nsAccountLock of the entry
 */

interface DefinitionsDeps {
  readonly client: LdapClient;
  readonly dse: RootDse;
  readonly parts: readonly PartSearch[];
  readonly pageSize: number;
  readonly timeoutMs: number;
}

/** Definitions are subentries, which a search returns only if its filter tests for that class. */
const definitionFilter = compileFilter(
  '(|(&(objectClass=ldapSubEntry)(|(objectClass=nsRoleDefinition)(objectClass=cosSuperDefinition)))' +
    '(objectClass=cosTemplate))',
);

/**
 * A digest of all definitions that the account can read.
 *
 * @throws ChangesUnavailable where values are computed from entries that no definition names, or from invisible ones
 */
export async function definitionsDigest(deps: DefinitionsDeps, signal: AbortSignal): Promise<string> {
  const { client, pageSize, timeoutMs } = deps;
  const definitions: string[] = [];
  for (const base of namingContextsOf(deps)) {
    const attributes = ['*', 'nsUniqueId', 'modifyTimestamp'];
    const search = { base, scope: 'sub', filter: definitionFilter, attributes, timeoutMs } as const;
    for await (const entries of pagedSearch(client, search, pageSize, signal))
      for (const bytes of entries) {
        if (isIndirect(bytes))
          throw new ChangesUnavailable('a class of service computes values from entries that its attribute names');
        definitions.push(createHash('sha256').update(bytes).digest('hex'));
      }
  }
  return createHash('sha256').update(definitions.sort().join('\n')).digest('hex');
}

/** The digest where the account can read no definition. */
export const noDefinitions = createHash('sha256').update('').digest('hex');

/**
 * Whether users have roles although the account can read no definition of one. The changes of such roles cannot be
 * found.
 */
export async function hasHiddenRoles(deps: DefinitionsDeps, digest: string, signal: AbortSignal): Promise<boolean> {
  if (digest !== noDefinitions) return false;
  for (const { part, base } of deps.parts) {
    if (part !== 'users') continue;
    const { client, timeoutMs } = deps;
    const search = { base, scope: 'sub', filter: compileFilter('(nsRole=*)'), attributes: ['1.1'], timeoutMs } as const;
    const { hasEntry, done } = await searchForAny(client, search, signal);
    // An unindexed search may exceed a limit of the server; a limit is no evidence of roles.
    if (hasEntry) return true;
    if (done.code !== 0 && !limitCodes.has(done.code)) throw searchError(client.url, search, done);
  }
  return false;
}

/** timeLimitExceeded, sizeLimitExceeded, adminLimitExceeded (RFC 4511 4.1.9). */
const limitCodes: ReadonlySet<number> = new Set([3, 4, 11]);

function isIndirect(bytes: Buffer): boolean {
  const classes = readEntry(bytes).attributes.get('objectclass')?.values ?? [];
  return classes.some((value) => value.toString('latin1').toLowerCase() === 'cosindirectdefinition');
}

const namingContextsOf = ({ parts, dse }: DefinitionsDeps): ReadonlySet<string> =>
  new Set(parts.map(({ base }) => namingContextOf(base, dse)));

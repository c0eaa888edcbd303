import { IncompleteReading } from '../../../model/errors.ts';
import type { LdapClient } from './client.ts';
import { searchError } from './search-error.ts';
import { readEntry, type Entry } from './entry.ts';
import { matchAll } from './filter.ts';
import { runSearch } from './run-search.ts';

/** The root DSE: what a server states about itself (RFC 4512 5.1). */
export interface RootDse {
  readonly namingContexts: readonly string[];
  /** OIDs. */
  readonly supportedControls: ReadonlySet<string>;
  readonly vendorName: string | undefined;
  readonly vendorVersion: string | undefined;
  readonly isActiveDirectory: boolean;
  readonly defaultNamingContext: string | undefined;
  readonly subschemaSubentry: string | undefined;
  readonly highestCommittedUsn: string | undefined;
  /** The DN that identifies the domain controller. */
  readonly dsServiceName: string | undefined;
  /** The oldest change that the retro changelog of 389 Directory Server still holds. */
  readonly firstChangeNumber: string | undefined;
  /** The newest change of that changelog. */
  readonly lastChangeNumber: string | undefined;
  /** 389 Directory Server changes it with every start and import. */
  readonly dataVersion: string | undefined;
  /** All attributes. */
  readonly entry: Entry;
}

/** LDAP_CAP_ACTIVE_DIRECTORY_OID ([MS-ADTS] 3.1.1.3.4.3). */
const activeDirectory = '1.2.840.113556.1.4.800';

/** @throws IncompleteReading */
export async function readRootDse(client: LdapClient, timeoutMs: number, signal: AbortSignal): Promise<RootDse> {
  const entry = await readEntryByDn(client, '', ['*', '+'], timeoutMs, signal);
  if (entry === undefined)
    throw new IncompleteReading(
      'ldap.rootDseUnreadable',
      `${client.url}: the root DSE cannot be read. Does the bind account have the right to read it?`,
    );
  const valuesOf = (name: string): readonly string[] =>
    entry.attributes.get(name)?.values.map((value) => value.toString('utf8')) ?? [];
  return {
    namingContexts: valuesOf('namingcontexts'),
    supportedControls: new Set(valuesOf('supportedcontrol')),
    vendorName: valuesOf('vendorname')[0],
    vendorVersion: valuesOf('vendorversion')[0],
    isActiveDirectory: valuesOf('supportedcapabilities').includes(activeDirectory),
    defaultNamingContext: valuesOf('defaultnamingcontext')[0],
    subschemaSubentry: valuesOf('subschemasubentry')[0],
    highestCommittedUsn: valuesOf('highestcommittedusn')[0],
    dsServiceName: valuesOf('dsservicename')[0],
    firstChangeNumber: valuesOf('firstchangenumber')[0],
    lastChangeNumber: valuesOf('lastchangenumber')[0],
    dataVersion: valuesOf('dataversion')[0],
    entry,
  };
}

/** One entry by its DN; undefined where it does not exist or is not visible. @throws IncompleteReading */
export async function readEntryByDn(
  client: LdapClient,
  base: string,
  attributes: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Entry | undefined> {
  const search = { base, scope: 'base', filter: matchAll, attributes, timeoutMs } as const;
  let entry: Entry | undefined;
  const done = await runSearch(client, search, signal, (items) => {
    for (const item of items) if (item.kind === 'entry') entry ??= readEntry(item.bytes);
  });
  if (done.code !== 0 && done.code !== noSuchObject) throw searchError(client.url, search, done);
  return entry;
}

const noSuchObject = 32;

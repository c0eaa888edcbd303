import { IncompleteReading } from '../../model/errors.ts';
import type { LdapClient } from './client.ts';
import { complain } from './complaint.ts';
import { readEntry, type Entry } from './entry.ts';
import { anything } from './filter.ts';
import { resultOf } from './result.ts';

/** What a server says of itself (RFC 4512 5.1). */
export interface RootDse {
  readonly namingContexts: readonly string[];
  /** OIDs. */
  readonly supportedControls: ReadonlySet<string>;
  readonly vendorName: string | undefined;
  readonly vendorVersion: string | undefined;
  /** [MS-ADTS] 3.1.1.3.4.3: the capability LDAP_CAP_ACTIVE_DIRECTORY_OID. */
  readonly isActiveDirectory: boolean;
  readonly defaultNamingContext: string | undefined;
  readonly subschemaSubentry: string | undefined;
  readonly highestCommittedUsn: string | undefined;
  /** Which domain controller it is. */
  readonly dsServiceName: string | undefined;
  /** Of the retro changelog of 389 Directory Server: the oldest change that it still holds. */
  readonly firstChangeNumber: string | undefined;
  /** Another one after each start and import of 389 Directory Server. */
  readonly dataVersion: string | undefined;
  readonly attributes: Entry;
}

const activeDirectory = '1.2.840.113556.1.4.800';

/** @throws IncompleteReading */
export async function readRootDse(client: LdapClient, timeoutMs: number, signal: AbortSignal): Promise<RootDse> {
  const entry = await readOne(client, '', ['*', '+'], timeoutMs, signal);
  if (entry === undefined)
    throw new IncompleteReading(
      `${client.url}: the server says nothing about itself; may this account read the root DSE?`,
    );
  const all = (name: string): readonly string[] =>
    entry.attributes.get(name)?.values.map((value) => value.toString('utf8')) ?? [];
  return {
    namingContexts: all('namingcontexts'),
    supportedControls: new Set(all('supportedcontrol')),
    vendorName: all('vendorname')[0],
    vendorVersion: all('vendorversion')[0],
    isActiveDirectory: all('supportedcapabilities').includes(activeDirectory),
    defaultNamingContext: all('defaultnamingcontext')[0],
    subschemaSubentry: all('subschemasubentry')[0],
    highestCommittedUsn: all('highestcommittedusn')[0],
    dsServiceName: all('dsservicename')[0],
    firstChangeNumber: all('firstchangenumber')[0],
    dataVersion: all('dataversion')[0],
    attributes: entry,
  };
}

/** One entry by its name; undefined where it is not shown. @throws IncompleteReading */
export async function readOne(
  client: LdapClient,
  base: string,
  attributes: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Entry | undefined> {
  const search = { base, scope: 'base', filter: anything, attributes, timeoutMs } as const;
  let entry: Entry | undefined;
  const done = await resultOf(client, search, signal, (items) => {
    for (const item of items) if (item.kind === 'entry') entry ??= readEntry(item.bytes);
  });
  if (done.code !== 0 && done.code !== noSuchObject) throw complain(client.url, search, done);
  return entry;
}

const noSuchObject = 32;

import { IncompleteReading } from '../../model/errors.ts';
import type { SourcePosition } from '../../model/reading/source-position.ts';
import { readPosition } from './changes/position.ts';
import type { LdapClient } from './protocol/client.ts';
import { connect } from './protocol/connect.ts';
import { oids } from './protocol/controls.ts';
import { readEntryByDn, readRootDse, type RootDse } from './protocol/root-dse.ts';
import { noSchema, readSchema, type Schema } from './protocol/schema.ts';
import type { ChangeMethod, DirectoryProfile, LdapSettings } from './settings.ts';

/** A connected directory and what is known about it. */
export interface Directory {
  readonly client: LdapClient;
  readonly dse: RootDse;
  readonly directoryProfile: DirectoryProfile;
  readonly schema: Schema;
  /** Whether the kind of directory was detected, and not configured. */
  readonly isDetected: boolean;
  readonly position: SourcePosition | undefined;
}

/** @throws IncompleteReading */
export async function openDirectory(settings: LdapSettings, signal: AbortSignal): Promise<Directory> {
  const { connection, directoryProfiles } = settings;
  const client = await connect(connection, signal);
  try {
    const dse = await readRootDse(client, connection.timeoutMs, signal);
    const bases = [settings.users.base, ...(settings.groups === undefined ? [] : [settings.groups.base])];
    const directoryProfile =
      settings.directoryProfile ?? directoryProfiles.get(detectDirectoryName(dse)) ?? directoryProfiles.get('generic');
    if (directoryProfile === undefined)
      throw new IncompleteReading(
        'ldap.directoryUnknown',
        `${client.url}: no directory profile fits this server. Set source.directory.`,
      );
    return {
      client,
      dse,
      directoryProfile,
      isDetected: settings.directoryProfile === undefined,
      schema: await readServerSchema(client, dse, connection.timeoutMs, signal),
      position: await readPosition({ client, dse, bases, timeoutMs: connection.timeoutMs }, signal),
    };
  } catch (error) {
    client.close();
    throw error;
  }
}

/**
 * The name of the built-in directory profile that fits a server, by its root DSE (RFC 4512 5.1); `generic` where the
 * root DSE does not identify the product.
 */
export function detectDirectoryName(dse: RootDse): string {
  if (dse.isActiveDirectory) return 'activeDirectory';
  const names = [...dse.entry.attributes.keys()];
  if (names.some((name) => name.startsWith('ipa'))) return 'freeipa';
  if (/389/.test(dse.vendorName ?? '') || /389-Directory/i.test(dse.vendorVersion ?? '')) return '389ds';
  const classes =
    dse.entry.attributes.get('objectclass')?.values.map((value) => value.toString('latin1').toLowerCase()) ?? [];
  return classes.includes('openldaprootdse') ? 'openldap' : 'generic';
}

/** Without a readable schema, attribute names still ignore case, and values that are not UTF-8 become base64. */
async function readServerSchema(
  client: LdapClient,
  { subschemaSubentry }: RootDse,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Schema> {
  if (subschemaSubentry === undefined) return noSchema;
  const entry = await readEntryByDn(client, subschemaSubentry, ['attributeTypes'], timeoutMs, signal);
  return readSchema(entry?.attributes.get('attributetypes')?.values.map((value) => value.toString('utf8')) ?? []);
}

/** The attribute by which each method identifies changed entries. A profile with another `id` cannot use the method. */
const identityAttributes: Readonly<Record<ChangeMethod, string>> = {
  sync: 'entryuuid',
  syncLog: 'nsuniqueid',
  dirSync: 'objectguid',
  usn: 'objectguid',
};

/**
 * Methods of incremental reading that the server supports, best first. Whether the account may use one, only its first
 * use shows.
 */
export function supportedChangeMethods({
  dse,
  directoryProfile,
}: Pick<Directory, 'dse' | 'directoryProfile'>): readonly ChangeMethod[] {
  const supported: Readonly<Record<ChangeMethod, boolean>> = {
    sync: dse.supportedControls.has(oids.syncRequest),
    syncLog: dse.supportedControls.has(oids.syncRequest) && dse.firstChangeNumber !== undefined,
    dirSync: dse.supportedControls.has(oids.dirSync),
    usn: dse.highestCommittedUsn !== undefined && dse.supportedControls.has(oids.showDeleted),
  };
  return directoryProfile.changes.filter(
    (method) => supported[method] && directoryProfile.id.attribute.toLowerCase() === identityAttributes[method],
  );
}

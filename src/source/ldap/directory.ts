import { IncompleteReading } from '../../model/errors.ts';
import type { LdapClient } from './protocol/client.ts';
import { connect } from './protocol/connect.ts';
import { oids } from './protocol/controls.ts';
import { detectDirectoryName } from './detect-directory.ts';
import { readEntryByDn, readRootDse, type RootDse } from './protocol/root-dse.ts';
import { noSchema, readSchema, type Schema } from './protocol/schema.ts';
import type { ChangeMethod, DirectoryProfile, LdapSettings } from './settings.ts';

/** A directory that we are connected to, and what is known about it. */
export interface Directory {
  readonly client: LdapClient;
  readonly dse: RootDse;
  readonly directoryProfile: DirectoryProfile;
  readonly schema: Schema;
}

/** @throws IncompleteReading */
export async function openDirectory(settings: LdapSettings, signal: AbortSignal): Promise<Directory> {
  const { connection, directoryProfiles } = settings;
  const client = await connect(connection, signal);
  try {
    const dse = await readRootDse(client, connection.timeoutMs, signal);
    const directoryProfile =
      settings.directoryProfile ?? directoryProfiles.get(detectDirectoryName(dse)) ?? directoryProfiles.get('generic');
    if (directoryProfile === undefined)
      throw new IncompleteReading(
        'ldap.directoryUnknown',
        `${client.url}: no kind of directory is known; name one in source.directory.`,
      );
    return {
      client,
      dse,
      directoryProfile,
      schema: await readServerSchema(client, dse, connection.timeoutMs, signal),
    };
  } catch (error) {
    client.close();
    throw error;
  }
}

/** A server that does not show its schema is read without: names ignore case, and bytes that are no UTF-8 are base64. */
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

/** By which attribute each way names what changed. Where a kind knows its entries by another one, nobody would be found by it. */
const identityAttributes: Readonly<Record<ChangeMethod, string>> = {
  sync: 'entryuuid',
  syncLog: 'nsuniqueid',
  dirSync: 'objectguid',
  usn: 'objectguid',
};

/** Ways of asking for changes that the server offers, best first. What the account may use shows when it is tried. */
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

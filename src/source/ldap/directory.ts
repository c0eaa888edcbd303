import { IncompleteReading } from '../../model/errors.ts';
import type { LdapClient } from './client.ts';
import { connect } from './connect.ts';
import { oids } from './controls.ts';
import { kindNameOf } from './detect.ts';
import { readOne, readRootDse, type RootDse } from './root-dse.ts';
import { noSchema, readSchema, type Schema } from './schema.ts';
import type { ChangeWay, DirectoryKind, LdapSettings } from './settings.ts';

/** A directory that we are connected to, and what is known about it. */
export interface Directory {
  readonly client: LdapClient;
  readonly dse: RootDse;
  readonly kind: DirectoryKind;
  readonly schema: Schema;
}

/** @throws IncompleteReading */
export async function openDirectory(settings: LdapSettings, signal: AbortSignal): Promise<Directory> {
  const { connection, kinds } = settings;
  const client = await connect(connection, signal);
  try {
    const dse = await readRootDse(client, connection.timeoutMs, signal);
    const kind = settings.kind ?? kinds.get(kindNameOf(dse)) ?? kinds.get('generic');
    if (kind === undefined)
      throw new IncompleteReading(`${client.url}: no kind of directory is known; name one in source.directory.`);
    return { client, dse, kind, schema: await schemaOf(client, dse, connection.timeoutMs, signal) };
  } catch (error) {
    client.close();
    throw error;
  }
}

/** A server that does not show its schema is read without: names ignore case, and bytes that are no UTF-8 are base64. */
async function schemaOf(
  client: LdapClient,
  { subschemaSubentry }: RootDse,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Schema> {
  if (subschemaSubentry === undefined) return noSchema;
  const entry = await readOne(client, subschemaSubentry, ['attributeTypes'], timeoutMs, signal);
  return readSchema(entry?.attributes.get('attributetypes')?.values.map((value) => value.toString('utf8')) ?? []);
}

/** By which attribute each way names what changed. Where a kind knows its entries by another one, nobody would be found by it. */
const identities: Readonly<Record<ChangeWay, string>> = {
  sync: 'entryuuid',
  syncLog: 'nsuniqueid',
  dirSync: 'objectguid',
  usn: 'objectguid',
};

/** Ways of asking for changes that the server offers, best first. What the account may use shows when it is tried. */
export function waysOffered({ dse, kind }: Pick<Directory, 'dse' | 'kind'>): readonly ChangeWay[] {
  const offers: Readonly<Record<ChangeWay, boolean>> = {
    sync: dse.supportedControls.has(oids.syncRequest),
    syncLog: dse.supportedControls.has(oids.syncRequest) && dse.firstChangeNumber !== undefined,
    dirSync: dse.supportedControls.has(oids.dirSync),
    usn: dse.highestCommittedUsn !== undefined && dse.supportedControls.has(oids.showDeleted),
  };
  return kind.changes.filter((way) => offers[way] && kind.id.attribute.toLowerCase() === identities[way]);
}

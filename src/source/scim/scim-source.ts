import { IncompleteReading } from '../../model/errors.ts';
import { managerPath } from '../../model/path.ts';
import type { FlatResource, Json } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { ActiveCondition } from '../row-condition.ts';
import type { Columns, Source, SourcePart } from '../source.ts';
import { tablesOf, type TableSettings } from '../table/settings.ts';
import { openSpool, type Spool } from '../table/spool.ts';
import { openTables } from '../table/table-source.ts';
import type { ValiditySettings } from '../validity.ts';
import { replaceReferences, writeLines } from './lines.ts';

/** A user or group of a server. */
export interface ScimResource {
  readonly remoteId: string;
  /** Attributes by SCIM path; a manager is separate. */
  readonly body: FlatResource;
  readonly active: boolean;
  readonly manager?: string;
  /** Ids of the members of a group; undefined: the server did not return any. */
  readonly members?: readonly string[];
}

/** Lists the resources of a server, and states whether a list is complete. */
export interface ScimReader {
  list(
    resourceType: ResourceType,
    paths: readonly string[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly ScimResource[], { readonly complete: boolean; readonly detail?: string }>;
  /** Aborts requests in flight and closes the connections. */
  close(): void;
}

/** Settings of a source that is a SCIM server. */
export interface ScimSettings {
  readonly url: string;
  /** The column with the immutable key of users: `id`, or the path of an attribute. */
  readonly key: string;
  readonly validity?: ValiditySettings | undefined;
  /** Paths of the attributes of users and groups that are read. */
  readonly userPaths: readonly string[];
  readonly groupPaths: readonly string[];
  readonly readsGroups: boolean;
  /** The folder of temporary files, absolute. */
  readonly temporaryFolder: string;
}

/**
 * Reads users, groups and members from lists of a SCIM server. Each resource is a row: its columns are SCIM paths, `id`
 * and `active`.
 *
 * @param connect creates a reader with the credentials of the server
 */
export function scimSource(
  settings: ScimSettings,
  connect: () => ScimReader,
  activeCondition?: ActiveCondition,
): Source {
  const { host } = new URL(settings.url);
  return {
    label: `SCIM server ${host}`,
    async open(signal) {
      const spools: Spool[] = [];
      const close = async (): Promise<void> => {
        for (const spool of spools.splice(0)) await spool.close();
      };
      const addSpool = async (): Promise<Spool> => {
        const spool = await openSpool(settings.temporaryFolder);
        spools.push(spool);
        return spool;
      };
      const reader = connect();
      try {
        const contents = new Map<SourcePart, Spool>();
        const { users, keys, seen } = await readUsers(reader, settings, addSpool, signal);
        contents.set('users', users);
        if (settings.readsGroups) {
          const groups = await addSpool();
          const memberships = await addSpool();
          await readGroups(reader, settings, { groups, memberships, keys }, signal);
          contents.set('groups', groups).set('memberships', memberships);
        }
        const tables = tableSettings(settings);
        const open = await openTables(
          tables,
          tablesOf(tables, (part) => (contents.get(part) as Spool).content(`the list of ${host} (${part})`)),
          activeCondition,
          signal,
        );
        const columns = { ...open.columns, mapping: identityOf(seen) };
        return { ...open, columns, close: () => open.close().then(close) };
      } catch (error) {
        await close();
        throw error;
      } finally {
        reader.close();
      }
    },
  };
}

const tableSettings = ({ key, validity, userPaths, groupPaths, readsGroups }: ScimSettings): TableSettings => ({
  users: { key, format: 'jsonLines', columns: ['id', 'active', ...userPaths], validity },
  ...(readsGroups
    ? { groups: { key: 'id', columns: ['id', ...groupPaths] }, memberships: { group: 'group', member: 'member' } }
    : {}),
});

/**
 * The default mapping: each attribute to itself. An attribute that no user has is not mapped, so that the values that
 * only a target has stay there. `externalId` is the key, as for every source.
 */
const identityOf = (seen: ReadonlyMap<string, boolean>): NonNullable<Columns['mapping']> => ({
  user: Object.fromEntries(
    [...seen]
      .filter(([path]) => path !== 'externalId')
      .map(([path, isList]) => [path, `${isList ? 'values' : 'user'}[${JSON.stringify(path)}]`]),
  ),
  group: { displayName: 'group.displayName' },
});

interface UserRows {
  readonly users: Spool;
  /** The attributes that at least one user has, and whether they are lists. */
  readonly seen: ReadonlyMap<string, boolean>;
  /** The key of each user by id; undefined: ids are keys. */
  readonly keys: ReadonlyMap<string, string> | undefined;
}

async function readUsers(
  reader: ScimReader,
  { key, userPaths, url }: ScimSettings,
  addSpool: () => Promise<Spool>,
  signal: AbortSignal,
): Promise<UserRows> {
  const listed = await addSpool();
  const keys = new Map<string, string>();
  const seen = new Map<string, boolean>();
  await readList(reader, 'User', userPaths, url, signal, async (resources) => {
    const rows = resources.map(({ remoteId, body, active, manager }) => ({
      ...textsOf(body),
      id: remoteId,
      active,
      ...(manager === undefined ? {} : { [managerPath]: manager }),
    }));
    for (const { id: _id, active: _active, ...attributes } of rows)
      for (const [path, value] of Object.entries(attributes)) seen.set(path, Array.isArray(value));
    await writeLines(listed, rows);
    if (key === 'id') return;
    for (const row of rows) {
      const value = (row as Readonly<Record<string, unknown>>)[key];
      if (typeof value === 'string' || typeof value === 'number') keys.set(row.id, String(value).trim());
    }
  });
  if (key === 'id') return { users: listed, seen, keys: undefined };
  // A manager may be listed after the people whom she manages.
  const users = await addSpool();
  await replaceReferences(listed, users, managerPath, keys, signal);
  return { users, seen, keys };
}

async function readGroups(
  reader: ScimReader,
  { groupPaths, url }: ScimSettings,
  to: { readonly groups: Spool; readonly memberships: Spool; readonly keys: UserRows['keys'] },
  signal: AbortSignal,
): Promise<void> {
  await readList(reader, 'Group', groupPaths, url, signal, async (resources) => {
    await writeLines(
      to.groups,
      resources.map(({ remoteId, body }) => ({ ...textsOf(body), id: remoteId })),
    );
    for (const { remoteId, members = [] } of resources)
      await writeLines(
        to.memberships,
        members.map((member) => ({ group: remoteId, member: to.keys?.get(member) ?? member })),
      );
  });
}

/** @throws IncompleteReading where the list is not complete */
async function readList(
  reader: ScimReader,
  resourceType: ResourceType,
  paths: readonly string[],
  url: string,
  signal: AbortSignal,
  write: (resources: readonly ScimResource[]) => Promise<void>,
): Promise<void> {
  const pages = reader.list(resourceType, paths, signal);
  for (;;) {
    const page = await pages.next();
    signal.throwIfAborted();
    if (page.done !== true) {
      await write(page.value);
      continue;
    }
    if (page.value.complete) return;
    const { origin, pathname } = new URL(url);
    const list = resourceType === 'User' ? 'users' : 'groups';
    throw new IncompleteReading(
      'scim.incomplete',
      `the list of ${list} of ${origin}${pathname} is not complete: ${page.value.detail ?? 'it has no end'}. ` +
        'Nothing was planned or changed.',
    );
  }
}

/** Elements of lists such as roles are their values. */
const textsOf = (body: FlatResource): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(body).map(([path, value]) => [path, plainValue(value)]));

function plainValue(value: Json): unknown {
  if (!Array.isArray(value)) return value;
  return (value as readonly Json[]).map((element) =>
    typeof element === 'object' && element !== null && 'value' in element ? element['value'] : element,
  );
}

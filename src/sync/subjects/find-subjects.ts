import { OperatorError } from '../../model/errors.ts';
import { sourceKey, type SourceKey } from '../../model/ids.ts';
import type { SourceRecord } from '../../model/record.ts';
import { resourceTypes, type ResourceType } from '../../model/resource-type.ts';
import type { KnownState } from '../../model/resource.ts';
import { formatTime } from '../../model/time.ts';
import type { KeyChangeStore, Mirror } from '../../store/store.ts';

/** A user or group that an operator names; `record` is undefined if the source no longer has it. */
export interface Subject {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  readonly record: SourceRecord | undefined;
}

/** Where subjects are searched: the mirror and the snapshots. */
export interface SubjectData {
  readonly mirror: Pick<Mirror, 'search' | 'record' | 'last'>;
  readonly keyChanges: Pick<KeyChangeStore, 'pendingOf' | 'currentKey'>;
  readonly known: (target: string, resourceType: ResourceType, key: SourceKey) => KnownState | undefined;
  readonly knownByName: (
    target: string,
    resourceType: ResourceType,
    foldedName: string,
  ) => Promise<readonly KnownState[]>;
}

/**
 * Finds users and groups in this order: by key in the source, by key at a target (a leaver), by any attribute value in
 * the source (a manager has others' keys as a value), by a name that only a target still has.
 */
export async function findSubjects(
  data: SubjectData,
  targets: readonly string[],
  query: string,
): Promise<readonly Subject[]> {
  // The mirror knows a user under the old key until an operator decides, and under the new key afterwards.
  const key = data.keyChanges.pendingOf(query)?.from ?? data.keyChanges.currentKey(query);
  const records = await data.mirror.search(key);
  const inSource = records.map((record) => ({ resourceType: record.resourceType, key: record.key, record }));
  if (inSource.some((one) => one.key === key)) return inSource;
  const byKey = await subjectsAtTargets(data, targets, async (target, resourceType) => [
    data.known(target, resourceType, sourceKey(key)),
  ]);
  if (byKey.length > 0) return byKey;
  const byName = (): Promise<readonly Subject[]> =>
    subjectsAtTargets(data, targets, (target, resourceType) =>
      data.knownByName(target, resourceType, query.toLowerCase()),
    );
  return inSource.length > 0 ? inSource : byName();
}

async function subjectsAtTargets(
  { mirror }: SubjectData,
  targets: readonly string[],
  find: (target: string, resourceType: ResourceType) => Promise<readonly (KnownState | undefined)[]>,
): Promise<readonly Subject[]> {
  const subjects = new Map<string, Subject>();
  for (const name of targets)
    for (const resourceType of resourceTypes)
      for (const known of await find(name, resourceType))
        if (known !== undefined)
          subjects.set(`${resourceType}:${known.key}`, {
            resourceType,
            key: known.key,
            record: await mirror.record(resourceType, known.key),
          });
  return [...subjects.values()];
}

/** The user or group that a command is about, in the operator's words. */
export interface SubjectQuery {
  readonly resourceType: ResourceType;
  readonly text: string;
}

/** How many matches a message lists. */
const maxListed = 10;

/**
 * The one user or group that the text means. @throws OperatorError (exit code 1) if no record matches, or several do:
 * the message lists them
 */
export async function requireSubject(
  data: SubjectData,
  targets: readonly string[],
  { resourceType, text }: SubjectQuery,
): Promise<Subject> {
  const found = (await findSubjects(data, targets, text)).filter((one) => one.resourceType === resourceType);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const exact = found.filter(({ key }) => key === text);
  if (exact[0] !== undefined && exact.length === 1) return exact[0];
  const noun = resourceType === 'User' ? 'user' : 'group';
  if (only === undefined) {
    const reading = await data.mirror.last();
    throw new OperatorError(
      'commandLine.subjectNotFound',
      `no ${noun} has the key, the name or an attribute value "${text}" in the source ` +
        `(last read: ${reading === undefined ? 'never' : formatTime(reading.at)}), ` +
        `or the key or the name at ${targets.join(', ')}`,
    );
  }
  const list = found.slice(0, maxListed).map(({ key, record }) => `${key}${nameOf(record)}`);
  throw new OperatorError(
    'commandLine.subjectAmbiguous',
    `"${text}" means ${found.length} ${noun}s; name one of them by its key: ` +
      `${list.join(', ')}${found.length > maxListed ? ', …' : ''}`,
  );
}

function nameOf(record: SourceRecord | undefined): string {
  const { attributes = {} } = record ?? {};
  const name = ['userName', 'displayName', 'mail', 'email', 'name'].flatMap((one) => attributes[one] ?? []).at(0);
  return name === undefined ? '' : ` (${name})`;
}

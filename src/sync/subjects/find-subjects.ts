import { OperatorError } from '../../model/errors.ts';
import { sourceKey, type SourceKey } from '../../model/ids.ts';
import type { SourceRecord } from '../../model/record.ts';
import { resourceTypes, type ResourceType } from '../../model/resource-type.ts';
import type { KnownState } from '../../model/resource.ts';
import { formatTime } from '../../model/time.ts';
import { normaliseDn } from '../../source/ldap/names/dn.ts';
import type { FoundRecord, KeyChangeView, MirrorView, SourceSearch } from '../../store/store.ts';
import { nameOfRecord } from './name-of-record.ts';

/** A user or group that an operator names; `record` is undefined if the source no longer has it. */
export interface Subject {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  readonly record: SourceRecord | undefined;
}

/** Where subjects are searched: the mirror, the snapshots and the journal. */
export interface SubjectData {
  readonly mirror: Pick<MirrorView, 'search' | 'record' | 'last'>;
  readonly search: Pick<SourceSearch, 'withJoinedValue' | 'withDn' | 'withUniqueValue' | 'withFormerValue'>;
  readonly keyChanges: Pick<KeyChangeView, 'pendingOf' | 'currentKey'>;
  readonly known: (target: string, resourceType: ResourceType, key: SourceKey) => KnownState | undefined;
  readonly knownByName: FindAccounts;
  /** By id, or by a whole attribute value. */
  readonly knownByValue: FindAccounts;
  /** Those whose account has, or would have, the text by a mapping. */
  readonly withMappedValue: (text: string) => Promise<readonly SourceRecord[]>;
  /** The names of joined sources. */
  readonly joinedSources: readonly string[];
  /** The keys of those that have or had this name at a target. */
  readonly formerlyNamed: (resourceType: ResourceType, text: string) => readonly SourceKey[];
}

type FindAccounts = (target: string, resourceType: ResourceType, text: string) => Promise<readonly KnownState[]>;

/**
 * Finds users and groups in this order; the first step that finds some ends the search:
 *
 *     key in the source                    a manager has others' keys as a value, so keys come first
 *     key at a target                      a leaver
 *     attribute value in the source, or key or attribute value in a joined one
 *     DN in the source, or in a joined one
 *     name at a target
 *     id or attribute value at a target    a value that the mapping computes
 *     unique value                         a person whose account is not created yet
 *     value by a mapping                   the same, and people who are not in scope
 *     key or name in the history           an account that is gone
 *     value in the history
 */
export async function findSubjects(
  data: SubjectData,
  targets: readonly string[],
  text: string,
): Promise<readonly Subject[]> {
  const query = text.trim();
  const { mirror, search } = data;
  // The mirror knows a user under the old key until an operator decides, and under the new key afterwards.
  const key = data.keyChanges.pendingOf(query)?.from ?? data.keyChanges.currentKey(query);
  const inSource = (await data.mirror.search(key)).map(subjectOf);
  if (inSource.some((one) => one.key === key)) return inSource;
  const accounts = (find: FindAccounts, text: string) => (): Promise<readonly Subject[]> =>
    subjectsAtTargets(data, targets, (target, resourceType) => find(target, resourceType, text));
  const steps: readonly (() => Promise<readonly Subject[]>)[] = [
    accounts(async (...[target, type]) => [data.known(target, type, sourceKey(key))].flatMap((one) => one ?? []), key),
    () => withRecords(mirror, [...inSource, ...search.withJoinedValue(query)]),
    async () => (query.includes('=') ? withRecords(mirror, search.withDn(query, normaliseDn)) : []),
    accounts(data.knownByName, query.toLowerCase()),
    accounts(data.knownByValue, query),
    () => withRecords(mirror, search.withUniqueValue(query)),
    async () => (await data.withMappedValue(query)).map(subjectOf),
    () => subjectsOfHistory(data, query),
    () => withRecords(mirror, search.withFormerValue(query)),
  ];
  for (const step of steps) {
    const found = await step();
    if (found.length > 0) return found;
  }
  return [];
}

const subjectOf = (record: SourceRecord): Subject => ({ resourceType: record.resourceType, key: record.key, record });

async function withRecords(mirror: SubjectData['mirror'], found: readonly FoundRecord[]): Promise<readonly Subject[]> {
  const subjects = new Map<string, Subject>();
  for (const { resourceType, key } of found)
    subjects.set(`${resourceType}:${key}`, { resourceType, key, record: await mirror.record(resourceType, key) });
  return [...subjects.values()];
}

async function subjectsAtTargets(
  { mirror }: SubjectData,
  targets: readonly string[],
  find: (target: string, resourceType: ResourceType) => Promise<readonly KnownState[]>,
): Promise<readonly Subject[]> {
  const found: FoundRecord[] = [];
  for (const name of targets)
    for (const resourceType of resourceTypes)
      for (const { key } of await find(name, resourceType)) found.push({ resourceType, key });
  return withRecords(mirror, found);
}

async function subjectsOfHistory(
  { mirror, keyChanges, formerlyNamed }: SubjectData,
  query: string,
): Promise<readonly Subject[]> {
  const found = resourceTypes.flatMap((resourceType) =>
    formerlyNamed(resourceType, query).map((former): FoundRecord => ({
      resourceType,
      key: sourceKey(keyChanges.currentKey(former, resourceType)),
    })),
  );
  return withRecords(mirror, found);
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
  if (only === undefined)
    throw new OperatorError('commandLine.subjectNotFound', `no ${noun} is ${await searchedText(data, targets, text)}`);
  const list = found.slice(0, maxListed).map(({ key, record }) => {
    const name = nameOfRecord(record);
    return name === undefined ? key : `${key} (${name})`;
  });
  throw new OperatorError(
    'commandLine.subjectAmbiguous',
    `"${text}" means ${found.length} ${noun}s; name one of them by its key: ` +
      `${list.join(', ')}${found.length > maxListed ? ', …' : ''}`,
  );
}

/** What was searched without a result. */
export async function searchedText(
  { mirror, joinedSources }: Pick<SubjectData, 'mirror' | 'joinedSources'>,
  targets: readonly string[],
  text: string,
): Promise<string> {
  const reading = await mirror.last();
  const joined = joinedSources.length === 0 ? '' : ` and ${joinedSources.join(', ')}`;
  return (
    `${JSON.stringify(text)}. Searched were the key, the DN and all attribute values in the source${joined} ` +
    `(last read: ${reading === undefined ? 'never' : formatTime(reading.at)}); the key, the id, the name and all ` +
    `attribute values at ${targets.join(', ')}, as sent or as the mapping computes them; and the keys, names and ` +
    'values in the history'
  );
}

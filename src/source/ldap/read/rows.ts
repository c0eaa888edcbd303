import { InvariantError } from '../../../model/errors.ts';
import { sourceKey, type Instant } from '../../../model/ids.ts';
import type { Attributes, EntryReferences } from '../../../model/record.ts';
import type { ActiveCondition } from '../../active-condition.ts';
import type { ParsedRow } from '../../source.ts';
import { accountStatus, type AccountStatus } from './account-status.ts';
import { attributeFinder, attributePicker, type FindAttribute, type PickAttributes } from './attributes.ts';
import type { Entry } from '../protocol/entry.ts';
import { identityHandle } from '../names/identity.ts';
import { dnNormaliser, type NormaliseDn } from '../names/dn-normaliser.ts';
import type { Schema } from '../protocol/schema.ts';
import type { DirectoryProfile, InactiveCondition } from '../settings.ts';
import { idText, keyReader, ridOf, sidText } from '../protocol/values.ts';

/** What turns the entries of one part into records. */
export interface EntryReaderOptions {
  readonly directoryProfile: DirectoryProfile;
  readonly part: 'users' | 'groups' | 'nested';
  /** The attribute with the key, where it is not the kind's identity. */
  readonly key: string | undefined;
  /** Attributes that mappings and scopes use; undefined where it may be any. */
  readonly used: ReadonlySet<string> | undefined;
  /** Whose word goes above the kind's conditions. */
  readonly activeCondition: ActiveCondition | undefined;
  readonly honourShadowExpire: boolean;
  readonly schema: Schema;
  readonly now: Instant;
}

/** What stands outside of a group's entry although it belongs to it. */
export interface Completion {
  /** Names that the group's LDAP URLs found. */
  readonly memberDns: readonly string[];
  /** Attribute in lower case → all its values, where the entry has only a range of them. */
  readonly ranged: ReadonlyMap<string, readonly Buffer[]>;
  /** Why the group cannot be believed. */
  readonly problem?: string | undefined;
}

export type ReadRow = (entry: Entry, line: number, completion?: Completion) => ParsedRow;

/** By which a person names their primary group, and a group is named so. */
const primaryGroupId = 'primaryGroupID';
const sid = 'objectSid';

/** What is asked of the server for a part: what mappings, scopes, keys, the notion of active and memberships use, and nothing else. */
export function requestedAttributes(options: EntryReaderOptions): readonly string[] {
  const { directoryProfile, part, key, used, activeCondition } = options;
  const { memberDn, memberLogin, memberUrl, login, primaryGroup } = directoryProfile.groups;
  const partAttributes =
    part === 'users'
      ? [
          ...(activeCondition === undefined
            ? inactiveConditionsOf(options).map(({ attribute }) => attribute)
            : (activeCondition.usedAttributes ?? [])),
          ...(memberLogin.length > 0 ? [login] : []),
          ...(primaryGroup ? [primaryGroupId] : []),
        ]
      : [...memberDn, ...memberLogin, ...memberUrl, ...(primaryGroup ? [sid] : [])];
  const isEverythingUsed =
    used === undefined || (activeCondition !== undefined && activeCondition.usedAttributes === undefined);
  const requested = [
    directoryProfile.id.attribute,
    ...(key === undefined ? [] : [key]),
    ...partAttributes,
    ...(used ?? []),
  ];
  const unique = new Map(
    requested.filter((name) => name.toLowerCase() !== 'dn').map((name) => [name.toLowerCase(), name]),
  );
  return [...(isEverythingUsed ? ['*', '+'] : []), ...unique.values()];
}

function inactiveConditionsOf({
  directoryProfile,
  honourShadowExpire,
}: EntryReaderOptions): readonly InactiveCondition[] {
  return honourShadowExpire
    ? [...directoryProfile.inactive, { attribute: 'shadowExpire', past: 'days' }]
    : directoryProfile.inactive;
}

/** Reads entries as people or groups. What cannot be believed comes out as a rejected row with one sentence. */
export function rowReader(options: EntryReaderOptions): ReadRow {
  const { directoryProfile, part, key, used, activeCondition, schema } = options;
  const normaliseDn = dnNormaliser(schema);
  const pick = attributePicker({
    used,
    references: part === 'users' ? directoryProfile.references : [],
    binary: directoryProfile.binary,
    schema,
    normaliseDn,
  });
  const pickForCondition =
    activeCondition === undefined
      ? undefined
      : attributePicker({
          used: activeCondition.usedAttributes,
          references: [],
          binary: directoryProfile.binary,
          schema,
          normaliseDn,
        });
  const readKey = keyReader({ binary: directoryProfile.binary, schema });
  const find = attributeFinder(schema);
  const inactiveConditions = inactiveConditionsOf(options).flatMap((condition) => forAllNames(condition, schema));
  const lookup: EntryLookup = { directoryProfile, normaliseDn, find };
  const resourceType = part === 'users' ? 'User' : 'Group';
  return (rawEntry, line, completion) => {
    const entry = withRangedValues(rawEntry, completion);
    const reject = (reason: string, known?: string): ParsedRow => ({ kind: 'rejected', line, key: known, reason });
    const id = identityOf(entry, directoryProfile.id, find);
    const { text: keyText, isSingle } =
      key === undefined ? { text: id, isSingle: true } : keyOf(entry, key, find, readKey);
    if (keyText === undefined) return reject(missingKeyReason(entry, key ?? directoryProfile.id.attribute));
    if (!isSingle)
      return reject(
        `${quoted(entry.dn)} shows several values of ${key ?? ''}, and a key is one. Leave it one value, or name another attribute in "key".`,
      );
    if (completion?.problem !== undefined) return reject(`${quoted(entry.dn)}: ${completion.problem}`, keyText);
    const { attributes, references } = pick(entry);
    const entryReferences = {
      handles: handlesOf(entry, id, part, lookup),
      ...membershipsOf(entry, part, lookup, completion),
      attributeReferences: references,
    };
    const base = { resourceType, key: sourceKey(keyText), attributes } as const;
    if (part !== 'users')
      return { kind: 'record', record: { ...base, active: true }, groups: undefined, entryReferences };
    const status =
      activeCondition === undefined
        ? accountStatus(inactiveConditions, entry.attributes, options.now)
        : evaluateActiveCondition(activeCondition, pickForCondition, entry);
    if ('error' in status)
      return reject(`${quoted(entry.dn)}: whether this person is active cannot be told: ${status.error}`, keyText);
    return {
      kind: 'record',
      record: { ...base, active: status.active },
      groups: undefined,
      entryReferences,
      expiresAt: status.expiresAt,
    };
  };
}

/** A condition on any of the attribute's names. */
function forAllNames(condition: InactiveCondition, schema: Schema): readonly InactiveCondition[] {
  const others = schema.allNamesOf(condition.attribute).filter((name) => name !== condition.attribute.toLowerCase());
  return [condition, ...others.map((attribute) => ({ ...condition, attribute }))];
}

function identityOf(entry: Entry, id: DirectoryProfile['id'], find: FindAttribute): string | undefined {
  const value = find(entry, id.attribute)?.values[0];
  return value === undefined ? undefined : idText(id.form, value);
}

/** An entry with all values of the attributes of which the server gave only a range. */
function withRangedValues(entry: Entry, completion: Completion | undefined): Entry {
  const ranged = [...entry.attributes].filter(([description]) => description.includes(';range='));
  if (ranged.length === 0) return entry;
  const attributes = new Map(entry.attributes);
  for (const [description, { name }] of ranged) {
    const plain = description.replace(/;range=.*$/, '');
    const values = completion?.ranged.get(plain);
    if (values === undefined) throw new InvariantError(`${entry.dn}: ${description} was taken for all of its values`);
    attributes.delete(description);
    attributes.set(plain, { name: name.replace(/;range=.*$/i, ''), values });
  }
  return { ...entry, attributes };
}

/** Which of several values is the key would be up to the order in which the server gives them, and that is nobody's promise (RFC 4511 4.1.7). */
function keyOf(entry: Entry, attribute: string, find: FindAttribute, read: ReturnType<typeof keyReader>): Key {
  const [value, second] = find(entry, attribute)?.values ?? [];
  if (value === undefined || value.length === 0) return { text: undefined, isSingle: true };
  return { text: read(attribute, value), isSingle: second === undefined };
}

interface Key {
  readonly text: string | undefined;
  readonly isSingle: boolean;
}

function missingKeyReason(entry: Entry, attribute: string): string {
  return (
    `${quoted(entry.dn)} shows no ${attribute}, which is its key. Let the account that reads the directory see that attribute, ` +
    'name another one in "key", or leave such entries out by the filter.'
  );
}

function evaluateActiveCondition(
  condition: ActiveCondition,
  pick: PickAttributes | undefined,
  entry: Entry,
): AccountStatus {
  const attributes: Attributes = pick?.(entry).attributes ?? {};
  const active = condition.evaluate(attributes);
  return typeof active === 'boolean' ? { active, expiresAt: undefined } : active;
}

/** What it takes to find names in entries, and to compare them. */
interface EntryLookup {
  readonly directoryProfile: DirectoryProfile;
  readonly normaliseDn: NormaliseDn;
  readonly find: FindAttribute;
}

function handlesOf(
  entry: Entry,
  id: string | undefined,
  part: EntryReaderOptions['part'],
  { directoryProfile, normaliseDn, find }: EntryLookup,
): readonly string[] {
  const handles = [`dn:${normaliseDn(entry.dn)}`];
  if (id !== undefined) handles.unshift(identityHandle(id));
  const { memberLogin, login, primaryGroup } = directoryProfile.groups;
  if (part === 'users' && memberLogin.length > 0) {
    for (const value of find(entry, login)?.values ?? []) handles.push(loginHandle(value));
  }
  const ownSid = part !== 'users' && primaryGroup ? find(entry, sid)?.values[0] : undefined;
  const sidOfGroup = ownSid === undefined ? undefined : sidText(ownSid);
  if (sidOfGroup !== undefined) handles.push(`rid:${ridOf(sidOfGroup)}`);
  return handles;
}

/** A uniqueMember may carry a bit string behind its name (RFC 4517 3.3.21); who is meant stands before it. */
const withoutUidSuffix = (name: string): string => (name.endsWith("'B") ? name.replace(/#'[01]*'B$/, '') : name);

const loginHandle = (value: Buffer): string => `login:${value.toString('utf8').trim().toLowerCase()}`;

function membershipsOf(
  entry: Entry,
  part: EntryReaderOptions['part'],
  { directoryProfile, normaliseDn, find }: EntryLookup,
  completion: Completion | undefined,
): Pick<EntryReferences, 'members' | 'groups'> {
  const { memberDn, memberLogin, primaryGroup } = directoryProfile.groups;
  if (part === 'users') {
    const primary = primaryGroup ? find(entry, primaryGroupId)?.values[0] : undefined;
    return { members: [], groups: primary === undefined ? [] : [`rid:${primary.toString('utf8').trim()}`] };
  }
  const members = new Set<string>();
  for (const name of memberDn) {
    for (const value of valuesOf(entry, name, find))
      if (value.length > 0) members.add(`dn:${normaliseDn(withoutUidSuffix(value.toString('utf8')))}`);
  }
  for (const name of memberLogin) {
    for (const value of valuesOf(entry, name, find)) if (value.length > 0) members.add(loginHandle(value));
  }
  for (const dn of completion?.memberDns ?? []) members.add(`dn:${normaliseDn(dn)}`);
  return { members: [...members], groups: [] };
}

const valuesOf = (entry: Entry, attribute: string, find: FindAttribute): readonly Buffer[] =>
  find(entry, attribute)?.values ?? [];

const quoted = (dn: string): string => JSON.stringify(dn);

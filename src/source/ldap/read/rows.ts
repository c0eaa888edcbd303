import { InvariantError } from '../../../model/errors.ts';
import { sourceKey } from '../../../model/ids.ts';
import type { Attributes, EntryReferences } from '../../../model/record.ts';
import type { ActiveCondition } from '../../row-condition.ts';
import type { ParsedRow } from '../../source.ts';
import { validityAttributes } from '../../validity.ts';
import { accountStatus, visibleSigns, type AccountStatus } from './account-status.ts';
import { periodReader, type PeriodOptions } from './period.ts';
import { inactiveConditionsOf, withAllNames } from './inactive-conditions.ts';
import { attributeFinder, attributePicker, type FindAttribute, type PickAttributes } from './attributes.ts';
import type { Entry } from '../protocol/entry.ts';
import { identityHandle } from '../names/identity.ts';
import { dnNormaliser, type NormaliseDn } from '../names/dn-normaliser.ts';
import type { DirectoryProfile } from '../settings.ts';
import { idText, keyReader, ridOf, sidText } from '../protocol/values.ts';

/** How the entries of one part become records. */
export interface EntryReaderOptions extends PeriodOptions {
  readonly part: 'users' | 'groups' | 'nested';
  /** The attribute with the key, where it is not the profile's immutable ID. */
  readonly key: string | undefined;
  /** The attributes that mappings and scopes use; undefined: any. */
  readonly used: ReadonlySet<string> | undefined;
  /** Replaces the conditions of the directory profile. */
  readonly activeCondition: ActiveCondition | undefined;
  readonly honourShadowExpire: boolean;
}

/** Values of an entry that the search did not return with it. */
export interface Completion {
  /** The DNs that the LDAP URLs of the group found. */
  readonly memberDns: readonly string[];
  /** Attribute in lower case → all values, for attributes of which the entry has only a range. */
  readonly ranged: ReadonlyMap<string, readonly Buffer[]>;
  /** Why the members of the group cannot be determined. */
  readonly problem?: string | undefined;
}

/** Converts one entry. An invalid entry is rejected, and the reading continues. */
export type ReadRow = (entry: Entry, line: number, completion?: Completion) => ParsedRow;

/** A user references the primary group by the last part of the group's objectSid. */
const primaryGroupId = 'primaryGroupID';
const sid = 'objectSid';

/**
 * The attributes requested for a part: those that mappings, scopes, keys, the active conditions and memberships use,
 * and no others.
 */
export function requestedAttributes(options: EntryReaderOptions): readonly string[] {
  const { directoryProfile, part, key, used, activeCondition } = options;
  const { memberDn, memberLogin, memberUrl, login, primaryGroup } = directoryProfile.groups;
  const dates = validityAttributes(options.validity);
  const partAttributes =
    part === 'users'
      ? [
          ...(activeCondition === undefined
            ? inactiveConditionsOf(options).map(({ attribute }) => attribute)
            : (activeCondition.usedAttributes ?? [])),
          ...(dates ?? []),
          ...(memberLogin.length > 0 ? [login] : []),
          ...(primaryGroup ? [primaryGroupId] : []),
        ]
      : [...memberDn, ...memberLogin, ...memberUrl, ...(primaryGroup ? [sid] : [])];
  const isEverythingUsed =
    used === undefined ||
    (part === 'users' && dates === undefined) ||
    (activeCondition !== undefined && activeCondition.usedAttributes === undefined);
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

/** Converts entries to records. An entry without a valid key or status becomes a rejected row with a reason. */
export function rowReader(options: EntryReaderOptions): ReadRow {
  const { directoryProfile, part, key, used, activeCondition, schema } = options;
  const normaliseDn = dnNormaliser(schema, directoryProfile.unicodeForms);
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
  const readPeriod = periodReader(options, normaliseDn);
  const readKey = keyReader({ binary: directoryProfile.binary, schema });
  const find = attributeFinder(schema);
  const inactiveConditions = inactiveConditionsOf(options).map((condition) => withAllNames(condition, schema));
  const lookup: EntryLookup = { directoryProfile, normaliseDn, find };
  const resourceType = part === 'users' ? 'User' : 'Group';
  return (rawEntry, line, completion) => {
    const entry = withRangedValues(rawEntry, completion);
    const id = identityOf(entry, directoryProfile.id, find);
    const reject = (reason: string, known?: string): ParsedRow => ({
      kind: 'rejected',
      line,
      key: known,
      reason,
      subject:
        known === undefined
          ? {
              kind: 'unknown',
              text: entryText(entry),
              keyCells: key === undefined ? [] : keyValues(entry, key, find, readKey),
              handles: handlesOf(entry, id, part, lookup),
            }
          : { kind: 'record', handles: id === undefined ? [] : [identityHandle(id)] },
    });
    const { text: keyText, isSingle } =
      key === undefined ? { text: id, isSingle: true } : keyOf(entry, key, find, readKey);
    if (keyText === undefined) return reject(missingKeyReason(entry, key ?? directoryProfile.id.attribute));
    if (!isSingle)
      return reject(
        `${quoted(entry.dn)} has several values of ${key ?? ''}, and a key is a single value. ` +
          'Remove all but one, or set another attribute in "key".',
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
        ? accountStatus(inactiveConditions, entry.attributes)
        : evaluateActiveCondition(activeCondition, pickForCondition, entry);
    if ('error' in status)
      return reject(`${quoted(entry.dn)}: cannot determine whether this user is active: ${status.error}`, keyText);
    const period = readPeriod(entry, status.validTo);
    if ('error' in period) return reject(`${quoted(entry.dn)}: ${period.error}`, keyText);
    return {
      kind: 'record',
      record: { ...base, active: status.active, ...period },
      groups: undefined,
      entryReferences,
      signs: [
        ...(activeCondition === undefined
          ? visibleSigns(inactiveConditions, entry.attributes)
          : conditionAttributes(activeCondition, pickForCondition, entry)),
        ...readPeriod.signs(entry),
      ],
    };
  };
}

function identityOf(entry: Entry, id: DirectoryProfile['id'], find: FindAttribute): string | undefined {
  const value = find(entry, id.attribute)?.values[0];
  return value === undefined ? undefined : idText(id.form, value);
}

/** Values of an attribute in the text of a rejected entry. More of them are no name of it: members of a group. */
const maxValuesInText = 20;

/** The DN and the values of an entry, in which the names of a user occur. */
function entryText({ dn, attributes }: Entry): string {
  const values = [...attributes.values()].flatMap((attribute) => attribute.values.slice(0, maxValuesInText));
  return [dn, ...values.map((value) => value.toString('utf8'))].join('\n');
}

/** Replaces ranges of values by all values. */
function withRangedValues(entry: Entry, completion: Completion | undefined): Entry {
  const ranged = [...entry.attributes].filter(([description]) => description.includes(';range='));
  if (ranged.length === 0) return entry;
  const attributes = new Map(entry.attributes);
  for (const [description, { name }] of ranged) {
    const plain = description.replace(/;range=.*$/, '');
    const values = completion?.ranged.get(plain);
    if (values === undefined) throw new InvariantError(`${entry.dn}: ${description} was not completed`);
    attributes.delete(description);
    attributes.set(plain, { name: name.replace(/;range=.*$/i, ''), values });
  }
  return { ...entry, attributes };
}

/** The order of values is undefined (RFC 4511 4.1.7), so a key attribute must have one value. */
function keyOf(entry: Entry, attribute: string, find: FindAttribute, read: ReturnType<typeof keyReader>): Key {
  const [value, second] = find(entry, attribute)?.values ?? [];
  if (value === undefined || value.length === 0) return { text: undefined, isSingle: true };
  return { text: read(attribute, value), isSingle: second === undefined };
}

function keyValues(
  entry: Entry,
  attribute: string,
  find: FindAttribute,
  read: ReturnType<typeof keyReader>,
): readonly string[] {
  return valuesOf(entry, attribute, find).flatMap((value) => read(attribute, value) ?? []);
}

interface Key {
  readonly text: string | undefined;
  readonly isSingle: boolean;
}

function missingKeyReason(entry: Entry, attribute: string): string {
  return (
    `${quoted(entry.dn)} has no readable ${attribute}, which is the key. Grant the bind account read access to it, ` +
    'set another attribute in "key", or exclude such entries by the filter.'
  );
}

/** The attributes of the condition that the entry has; none where the condition computes their names. */
const conditionAttributes = (
  { usedAttributes }: ActiveCondition,
  pick: PickAttributes | undefined,
  entry: Entry,
): readonly string[] => (usedAttributes === undefined ? [] : Object.keys(pick?.(entry).attributes ?? {}));

function evaluateActiveCondition(
  condition: ActiveCondition,
  pick: PickAttributes | undefined,
  entry: Entry,
): AccountStatus {
  const attributes: Attributes = pick?.(entry).attributes ?? {};
  const active = condition.evaluate(attributes);
  return typeof active === 'boolean' ? { active, validTo: undefined } : active;
}

/** How references between entries are found and compared. */
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

/** Removes the bit string that may follow the DN in a uniqueMember (RFC 4517 3.3.21). */
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

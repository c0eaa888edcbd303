import { InvariantError } from '../../model/errors.ts';
import { sourceKey, type Instant } from '../../model/ids.ts';
import type { Attributes, Links } from '../../model/record.ts';
import type { ActiveRule } from '../active-rule.ts';
import type { ParsedRow } from '../source.ts';
import { activity, type Activity } from './activity.ts';
import { attributeFinder, attributePicker, type FindAttribute, type PickAttributes } from './attributes.ts';
import type { Entry } from './entry.ts';
import { identityHandle } from './identity.ts';
import { nameFolder, type FoldName } from './names.ts';
import type { Schema } from './schema.ts';
import type { DirectoryKind, InactiveSign } from './settings.ts';
import { idText, keyReader, ridOf, sidText } from './values.ts';

/** What turns the entries of one part into records. */
export interface RowRules {
  readonly kind: DirectoryKind;
  readonly part: 'users' | 'groups' | 'nested';
  /** The attribute with the key, where it is not the kind's identity. */
  readonly key: string | undefined;
  /** Attributes that mappings and scopes use; undefined where it may be any. */
  readonly used: ReadonlySet<string> | undefined;
  /** Whose word goes above the kind's signs. */
  readonly activeRule: ActiveRule | undefined;
  readonly honourShadowExpire: boolean;
  readonly schema: Schema;
  readonly now: Instant;
}

/** What stands outside of a group's entry although it belongs to it. */
export interface Completion {
  /** Names that the group's LDAP URLs found. */
  readonly dns: readonly string[];
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
export function attributesToAsk(rules: RowRules): readonly string[] {
  const { kind, part, key, used, activeRule } = rules;
  const { memberDn, memberLogin, memberUrl, login, primaryGroup } = kind.groups;
  const own =
    part === 'users'
      ? [
          ...(activeRule === undefined ? signsOf(rules).map(({ attribute }) => attribute) : (activeRule.uses ?? [])),
          ...(memberLogin.length > 0 ? [login] : []),
          ...(primaryGroup ? [primaryGroupId] : []),
        ]
      : [...memberDn, ...memberLogin, ...memberUrl, ...(primaryGroup ? [sid] : [])];
  const everything = used === undefined || (activeRule !== undefined && activeRule.uses === undefined);
  const named = [kind.id.attribute, ...(key === undefined ? [] : [key]), ...own, ...(used ?? [])];
  const once = new Map(named.filter((name) => name.toLowerCase() !== 'dn').map((name) => [name.toLowerCase(), name]));
  return [...(everything ? ['*', '+'] : []), ...once.values()];
}

function signsOf({ kind, honourShadowExpire }: RowRules): readonly InactiveSign[] {
  return honourShadowExpire ? [...kind.inactive, { attribute: 'shadowExpire', past: 'days' }] : kind.inactive;
}

/** Reads entries as people or groups. What cannot be believed comes out as a rejected row with one sentence. */
export function rowReader(rules: RowRules): ReadRow {
  const { kind, part, key, used, activeRule, schema } = rules;
  const fold = nameFolder(schema);
  const pick = attributePicker({
    used,
    references: part === 'users' ? kind.references : [],
    binary: kind.binary,
    schema,
    fold,
  });
  const pickForRule =
    activeRule === undefined
      ? undefined
      : attributePicker({ used: activeRule.uses, references: [], binary: kind.binary, schema, fold });
  const readKey = keyReader({ binary: kind.binary, schema });
  const find = attributeFinder(schema);
  const signs = signsOf(rules).flatMap((sign) => underAllNames(sign, schema));
  const names: Names = { kind, fold, find };
  const recordKind = part === 'users' ? 'User' : 'Group';
  return (found, line, completion) => {
    const entry = wholeOf(found, completion);
    const reject = (reason: string, known?: string): ParsedRow => ({ kind: 'rejected', line, key: known, reason });
    const id = identityOf(entry, kind.id, find);
    const { text: keyText, isOne } = key === undefined ? { text: id, isOne: true } : keyOf(entry, key, find, readKey);
    if (keyText === undefined) return reject(withoutKey(entry, key ?? kind.id.attribute));
    if (!isOne)
      return reject(
        `${quoted(entry.dn)} shows several values of ${key ?? ''}, and a key is one. Leave it one value, or name another attribute in "key".`,
      );
    if (completion?.problem !== undefined) return reject(`${quoted(entry.dn)}: ${completion.problem}`, keyText);
    const { attributes, references } = pick(entry);
    const links = {
      handles: handlesOf(entry, id, part, names),
      ...membersOf(entry, part, names, completion),
      references,
    };
    const base = { kind: recordKind, key: sourceKey(keyText), attributes } as const;
    if (part !== 'users') return { kind: 'record', record: { ...base, active: true }, groups: undefined, links };
    const standing =
      activeRule === undefined ? activity(signs, entry.attributes, rules.now) : judged(activeRule, pickForRule, entry);
    if ('error' in standing)
      return reject(`${quoted(entry.dn)}: whether this person is active cannot be told: ${standing.error}`, keyText);
    return {
      kind: 'record',
      record: { ...base, active: standing.active },
      groups: undefined,
      links,
      activeUntil: standing.until,
    };
  };
}

/** A sign of any of the attribute's names. */
function underAllNames(sign: InactiveSign, schema: Schema): readonly InactiveSign[] {
  const others = schema.sameAs(sign.attribute).filter((name) => name !== sign.attribute.toLowerCase());
  return [sign, ...others.map((attribute) => ({ ...sign, attribute }))];
}

function identityOf(entry: Entry, id: DirectoryKind['id'], find: FindAttribute): string | undefined {
  const value = find(entry, id.attribute)?.values[0];
  return value === undefined ? undefined : idText(id.form, value);
}

/** An entry with all values of the attributes of which the server gave only a range. */
function wholeOf(entry: Entry, completion: Completion | undefined): Entry {
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
  if (value === undefined || value.length === 0) return { text: undefined, isOne: true };
  return { text: read(attribute, value), isOne: second === undefined };
}

interface Key {
  readonly text: string | undefined;
  readonly isOne: boolean;
}

function withoutKey(entry: Entry, attribute: string): string {
  return (
    `${quoted(entry.dn)} shows no ${attribute}, which is its key. Let the account that reads the directory see that attribute, ` +
    'name another one in "key", or leave such entries out by the filter.'
  );
}

function judged(rule: ActiveRule, pick: PickAttributes | undefined, entry: Entry): Activity {
  const attributes: Attributes = pick?.(entry).attributes ?? {};
  const active = rule.evaluate(attributes);
  return typeof active === 'boolean' ? { active, until: undefined } : active;
}

/** What it takes to find names in entries, and to compare them. */
interface Names {
  readonly kind: DirectoryKind;
  readonly fold: FoldName;
  readonly find: FindAttribute;
}

function handlesOf(
  entry: Entry,
  id: string | undefined,
  part: RowRules['part'],
  { kind, fold, find }: Names,
): readonly string[] {
  const handles = [`dn:${fold(entry.dn)}`];
  if (id !== undefined) handles.unshift(identityHandle(id));
  const { memberLogin, login, primaryGroup } = kind.groups;
  if (part === 'users' && memberLogin.length > 0) {
    for (const value of find(entry, login)?.values ?? []) handles.push(loginHandle(value));
  }
  const ownSid = part !== 'users' && primaryGroup ? find(entry, sid)?.values[0] : undefined;
  const sidOfGroup = ownSid === undefined ? undefined : sidText(ownSid);
  if (sidOfGroup !== undefined) handles.push(`rid:${ridOf(sidOfGroup)}`);
  return handles;
}

/** A uniqueMember may carry a bit string behind its name (RFC 4517 3.3.21); who is meant stands before it. */
const withoutUid = (name: string): string => (name.endsWith("'B") ? name.replace(/#'[01]*'B$/, '') : name);

const loginHandle = (value: Buffer): string => `login:${value.toString('utf8').trim().toLowerCase()}`;

function membersOf(
  entry: Entry,
  part: RowRules['part'],
  { kind, fold, find }: Names,
  completion: Completion | undefined,
): Pick<Links, 'members' | 'groups'> {
  const { memberDn, memberLogin, primaryGroup } = kind.groups;
  if (part === 'users') {
    const primary = primaryGroup ? find(entry, primaryGroupId)?.values[0] : undefined;
    return { members: [], groups: primary === undefined ? [] : [`rid:${primary.toString('utf8').trim()}`] };
  }
  const members = new Set<string>();
  for (const name of memberDn) {
    for (const value of valuesOf(entry, name, find))
      if (value.length > 0) members.add(`dn:${fold(withoutUid(value.toString('utf8')))}`);
  }
  for (const name of memberLogin) {
    for (const value of valuesOf(entry, name, find)) if (value.length > 0) members.add(loginHandle(value));
  }
  for (const dn of completion?.dns ?? []) members.add(`dn:${fold(dn)}`);
  return { members: [...members], groups: [] };
}

const valuesOf = (entry: Entry, attribute: string, find: FindAttribute): readonly Buffer[] =>
  find(entry, attribute)?.values ?? [];

const quoted = (dn: string): string => JSON.stringify(dn);

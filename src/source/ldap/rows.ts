import { InvariantError } from '../../model/errors.ts';
import { sourceKey, type Instant } from '../../model/ids.ts';
import type { Attributes, Links } from '../../model/record.ts';
import type { ActiveRule } from '../active-rule.ts';
import type { ParsedRow } from '../source.ts';
import { activity, type Activity } from './activity.ts';
import { attributePicker, type PickAttributes } from './attributes.ts';
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
  const own = part === 'users'
    ? [
        ...(activeRule === undefined ? signsOf(rules).map(({ attribute }) => attribute) : activeRule.uses ?? []),
        ...(memberLogin.length > 0 ? [login] : []),
        ...(primaryGroup ? [primaryGroupId] : []),
      ]
    : [...memberDn, ...memberLogin, ...memberUrl, ...(primaryGroup ? [sid] : [])];
  const everything = used === undefined || (activeRule !== undefined && activeRule.uses === undefined);
  const named = [kind.id.attribute, ...(key === undefined ? [] : [key]), ...own, ...(used ?? [])];
  const once = new Map(named.filter((name) => name.toLowerCase() !== 'dn').map((name) => [name.toLowerCase(), name]));
  return [...(everything ? ['*'] : []), ...once.values()];
}

function signsOf({ kind, honourShadowExpire }: RowRules): readonly InactiveSign[] {
  return honourShadowExpire ? [...kind.inactive, { attribute: 'shadowExpire', past: 'days' }] : kind.inactive;
}

/** Reads entries as people or groups. What cannot be believed comes out as a rejected row with one sentence. */
export function rowReader(rules: RowRules): ReadRow {
  const { kind, part, key, used, activeRule, schema } = rules;
  const fold = nameFolder(schema);
  const pick = attributePicker({ used, references: part === 'users' ? kind.references : [], binary: kind.binary, schema, fold });
  const pickForRule = activeRule === undefined ? undefined : attributePicker({ used: activeRule.uses, references: [], binary: kind.binary, schema, fold });
  const readKey = keyReader({ binary: kind.binary, schema });
  const signs = signsOf(rules);
  const recordKind = part === 'users' ? 'User' : 'Group';
  return (found, line, completion) => {
    const entry = wholeOf(found, completion);
    const reject = (reason: string, known?: string): ParsedRow => ({ kind: 'rejected', line, key: known, reason });
    const id = identityOf(entry, kind);
    const keyText = key === undefined ? id : firstOf(entry, key, readKey);
    if (keyText === undefined) return reject(withoutKey(entry, key ?? kind.id.attribute));
    if (completion?.problem !== undefined) return reject(`${quoted(entry.dn)}: ${completion.problem}`, keyText);
    const { attributes, references } = pick(entry);
    const links = { handles: handlesOf(entry, id, part, kind, fold), ...membersOf(entry, part, kind, fold, completion), references };
    const base = { kind: recordKind, key: sourceKey(keyText), attributes } as const;
    if (part !== 'users') return { kind: 'record', record: { ...base, active: true }, groups: undefined, links };
    const standing = activeRule === undefined ? activity(signs, entry.attributes, rules.now) : judged(activeRule, pickForRule, entry);
    if ('error' in standing) return reject(`${quoted(entry.dn)}: whether this person is active cannot be told: ${standing.error}`, keyText);
    return { kind: 'record', record: { ...base, active: standing.active }, groups: undefined, links, activeUntil: standing.until };
  };
}

function identityOf(entry: Entry, { id }: DirectoryKind): string | undefined {
  const value = entry.attributes.get(id.attribute.toLowerCase())?.values[0];
  return value === undefined ? undefined : idText(id.form, value);
}

function firstOf(entry: Entry, attribute: string, read: ReturnType<typeof keyReader>): string | undefined {
  const value = entry.attributes.get(attribute.toLowerCase())?.values[0];
  return value === undefined || value.length === 0 ? undefined : read(attribute, value);
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

function withoutKey(entry: Entry, attribute: string): string {
  return `${quoted(entry.dn)} shows no ${attribute}, which is its key. Let the account that reads the directory see that attribute, `
    + 'name another one in "key", or leave such entries out by the filter.';
}

function judged(rule: ActiveRule, pick: PickAttributes | undefined, entry: Entry): Activity {
  const attributes: Attributes = pick?.(entry).attributes ?? {};
  const active = rule.evaluate(attributes);
  return typeof active === 'boolean' ? { active, until: undefined } : active;
}

function handlesOf(entry: Entry, id: string | undefined, part: RowRules['part'], kind: DirectoryKind, fold: FoldName): readonly string[] {
  const handles = [`dn:${fold(entry.dn)}`];
  if (id !== undefined) handles.unshift(identityHandle(id));
  const { memberLogin, login, primaryGroup } = kind.groups;
  if (part === 'users' && memberLogin.length > 0) {
    for (const value of entry.attributes.get(login.toLowerCase())?.values ?? []) handles.push(loginHandle(value));
  }
  const ownSid = part !== 'users' && primaryGroup ? entry.attributes.get(sid.toLowerCase())?.values[0] : undefined;
  const sidOfGroup = ownSid === undefined ? undefined : sidText(ownSid);
  if (sidOfGroup !== undefined) handles.push(`rid:${ridOf(sidOfGroup)}`);
  return handles;
}

const loginHandle = (value: Buffer): string => `login:${value.toString('utf8').trim().toLowerCase()}`;

function membersOf(
  entry: Entry, part: RowRules['part'], kind: DirectoryKind, fold: FoldName, completion: Completion | undefined,
): Pick<Links, 'members' | 'groups'> {
  const { memberDn, memberLogin, primaryGroup } = kind.groups;
  if (part === 'users') {
    const primary = primaryGroup ? entry.attributes.get(primaryGroupId.toLowerCase())?.values[0] : undefined;
    return { members: [], groups: primary === undefined ? [] : [`rid:${primary.toString('utf8').trim()}`] };
  }
  const members = new Set<string>();
  for (const name of memberDn) {
    for (const value of valuesOf(entry, name)) if (value.length > 0) members.add(`dn:${fold(value.toString('utf8'))}`);
  }
  for (const name of memberLogin) {
    for (const value of valuesOf(entry, name)) if (value.length > 0) members.add(loginHandle(value));
  }
  for (const dn of completion?.dns ?? []) members.add(`dn:${fold(dn)}`);
  return { members: [...members], groups: [] };
}

const valuesOf = ({ attributes }: Entry, attribute: string): readonly Buffer[] => attributes.get(attribute.toLowerCase())?.values ?? [];

const quoted = (dn: string): string => JSON.stringify(dn);

import type { AbsenceQuestion } from '../../source.ts';
import { identityFilter } from '../names/identity.ts';
import { readEntry } from '../protocol/entry.ts';
import { or } from '../protocol/filter.ts';
import { inactiveConditionsOf } from './inactive-conditions.ts';
import type { DirectoryIo } from './incremental-read.ts';
import { searchPart, type PartSearch } from './part-searches.ts';

/*
 * OpenLDAP and 389 Directory Server answer a comparison (RFC 4511 4.10) with an attribute that an entry lacks by
 * noSuchAttribute, and one that the account may not compare by insufficientAccessRights, whether the entry has it or
 * not.
 *
 *     the entry      may compare            may not
 *     has it         compareTrue / False    insufficientAccessRights
 *     lacks it       noSuchAttribute        insufficientAccessRights
 */
const results = { compareFalse: 5, compareTrue: 6, noSuchAttribute: 16, undefinedAttributeType: 17 } as const;

/**
 * The kinds of directory that distinguish a missing attribute. Active Directory answers compareFalse for one, so its
 * answers prove nothing.
 */
export const provingDirectories: ReadonlySet<string> = new Set(['openldap', '389ds', 'freeipa']);

type AbsenceIo = Pick<DirectoryIo, 'client' | 'parts' | 'pageSize' | 'timeoutMs'>;

/** Asks the server whether entries really lack an attribute. @throws IncompleteReading */
export async function proveAbsence(
  io: AbsenceIo,
  { part, attribute, handles }: AbsenceQuestion,
  signal: AbortSignal,
): Promise<'proven' | 'refuted' | 'unknown'> {
  const dns = new Map<string, PartSearch>();
  for (const search of io.parts) {
    if ((search.part === 'users') !== (part === 'users')) continue;
    const filter = or(...handles.map((handle) => identityFilter(search.readerOptions.directoryProfile.id, handle)));
    for (const bytes of await searchPart(io, { ...search, attributes: ['1.1'] }, filter, signal))
      dns.set(readEntry(bytes).dn, search);
  }
  let isProven = dns.size === handles.length;
  for (const [dn, search] of dns) {
    for (const comparison of attribute === undefined ? membersOf(search, dn) : [signOf(search, attribute)]) {
      const code = await io.client.compare({ dn, ...comparison, timeoutMs: io.timeoutMs }, signal);
      if (code === results.compareTrue || code === results.compareFalse) return 'refuted';
      if (code !== results.noSuchAttribute && code !== results.undefinedAttributeType) isProven = false;
    }
  }
  return isProven ? 'proven' : 'unknown';
}

/** An attribute, and any value of its syntax. */
interface Comparison {
  readonly attribute: string;
  readonly value: string;
}

function signOf({ readerOptions }: PartSearch, attribute: string): Comparison {
  const condition = inactiveConditionsOf(readerOptions).find((one) => one.attribute === attribute);
  if (condition === undefined || 'bit' in condition) return { attribute, value: '1' };
  if ('is' in condition) return { attribute, value: condition.is };
  return { attribute, value: condition.past === 'generalizedTime' ? '20200101000000Z' : '1' };
}

function membersOf({ readerOptions: { directoryProfile } }: PartSearch, dn: string): readonly Comparison[] {
  const { memberDn, memberLogin, memberUrl } = directoryProfile.groups;
  return [
    ...memberDn.map((attribute) => ({ attribute, value: dn })),
    ...memberLogin.map((attribute) => ({ attribute, value: '1' })),
    ...memberUrl.map((attribute) => ({ attribute, value: 'ldap:///' })),
  ];
}

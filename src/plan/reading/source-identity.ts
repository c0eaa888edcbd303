import type { Judgement } from '../../model/reading/judgement.ts';
import type { SourceIdentity } from '../../model/reading/source-identity.ts';

/**
 * A state belongs to one source. With another one, its people would be leavers, and those of the other source joiners.
 *
 *     CSV        the same file, seen from the folder of the state or by its absolute path: a move of the whole folder,
 *                or of the state alone, changes nothing. The same name in another folder is another source.
 *     directory  the same base, and a host in common: a server may be added or replaced
 *     HTTP       the same URL of the users, without its query; SCIM: the same base URL
 *     program    the same name, in any folder and with any arguments
 *
 * @param before of the last accepted reading; undefined: an earlier version wrote the state
 */
export function judgeSourceIdentity(
  before: SourceIdentity | undefined,
  now: SourceIdentity | undefined,
): readonly Judgement[] {
  if (before === undefined || now === undefined || isSameSource(before, now)) return [];
  return [
    {
      code: 'source.changed',
      subject: now.type,
      numbers: {},
      reason:
        `the state belongs to the source ${describeSource(before)}, and the configuration has ` +
        `${describeSource(now)}. ` +
        'Another configuration needs a state file of its own. Accept the source only if it has the same people, for ' +
        'example in a renamed file or at a new server',
      refused: true,
    },
  ];
}

function isSameSource(before: SourceIdentity, now: SourceIdentity): boolean {
  switch (before.type) {
    case 'csv':
      return now.type === 'csv' && isSameFile(before, now);
    case 'command':
      return now.type === 'command' && before.program === now.program;
    case 'http':
    case 'scim':
      return now.type === before.type && before.url === now.url;
    case 'ldap':
      if (now.type !== 'ldap' || foldBase(before.base) !== foldBase(now.base)) return false;
      return before.hosts.some((host) => now.hosts.includes(host));
  }
}

type CsvIdentity = Extract<SourceIdentity, { type: 'csv' }>;

function isSameFile(before: CsvIdentity, now: CsvIdentity): boolean {
  // An earlier version wrote the state: only this form is known.
  if (before.fromState === undefined) return before.file === now.file;
  return before.fromState === now.fromState || before.path === now.path;
}

/** Attribute names and most values of a DN have no letter case, and blanks around its separators do not count. */
const foldBase = (base: string): string => base.toLowerCase().replaceAll(/\s*([,=])\s*/g, '$1');

function describeSource(source: SourceIdentity): string {
  switch (source.type) {
    case 'csv':
      return source.path ?? source.file;
    case 'command':
      return `program ${source.program}`;
    case 'http':
    case 'scim':
      return source.url;
    case 'ldap':
      return `${source.hosts.join(', ')} below ${source.base}`;
  }
}

import type { Explanation } from '../../desired/explain.ts';
import type { Kind } from '../../model/kind.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { Known } from '../../model/resource.ts';
import { isoTime } from '../../model/time.ts';
import { departureReason } from '../../plan/departure.ts';
import { describe } from '../../plan/describe.ts';
import type { Note, StoredOperation } from '../../store/store.ts';
import type { Considered } from '../../sync/standing.ts';
import type { LeftOut } from '../left-out.ts';
import { plural } from './words.ts';

export function recordText(
  kind: Kind,
  key: string,
  record: SourceRecord | undefined,
  groups: readonly string[],
): readonly string[] {
  const head = `${kind === 'User' ? 'Person' : 'Group'} ${key}`;
  if (record === undefined) return [head, '  source: not there any more'];
  return [
    head,
    `  source: ${record.active ? 'active' : 'inactive'}`,
    ...Object.entries(record.attributes).map(([name, values]) => `    ${name}: ${values.join(' | ')}`),
    ...(groups.length === 0 ? [] : [`    member of: ${groups.join(', ')}`]),
  ];
}

/** Members that a group names and nobody is found for, which is why the group has fewer members than its entry. */
export function strangersText({
  total,
  handles,
}: {
  readonly total: number;
  readonly handles: readonly string[];
}): readonly string[] {
  if (total === 0) return [];
  const names = handles.map((handle) => handle.replace(/^[a-z]+:/, ''));
  return [
    `    names ${plural(total, 'member')} that the source does not give: ${listed(names, total)}`,
    `      ${total === 1 ? 'it stands' : 'they stand'} outside of the bases or filters of the source, or may not be seen by the account that reads, or ${total === 1 ? 'is' : 'are'} not there at all`,
  ];
}

/** Members in the source who are none at the target. */
export function leftOutText({ total, first }: LeftOut): readonly string[] {
  if (total === 0) return [];
  return [
    `    leaves out ${plural(total, 'member')}: ${listed(
      first.map(({ name, reason }) => `${name} ${reason}`),
      total,
    )}`,
  ];
}

function listed(shown: readonly string[], total: number): string {
  return [...shown, ...(total > shown.length ? [`and ${(total - shown.length).toLocaleString('en')} more`] : [])].join(
    '; ',
  );
}

export function rulesText({ scope, paths, notes }: Explanation): readonly string[] {
  return [
    `    scope: ${scope.inScope ? 'in' : 'out'}: ${scope.because}`,
    ...paths.map(
      ({ path, rule, from, value, absent }) =>
        `    ${path} = ${value === undefined ? `nothing (${absent ?? 'absent'})` : JSON.stringify(value)}   [${from}: ${rule}]`,
    ),
    ...notes.map((note) => `    note: ${note}`),
  ];
}

export function knownText(known: Known | undefined): readonly string[] {
  if (known === undefined) return ['    acknowledged: nothing; no account of ours is there'];
  const since = known.inactiveSince === undefined ? 'unknown' : isoTime(known.inactiveSince);
  return [
    `    acknowledged: id ${known.remoteId}, ${known.origin}, ${known.active ? 'active' : `inactive since ${since}`}`,
    ...Object.entries(known.body).map(([path, value]) => `      ${path}: ${JSON.stringify(value)}`),
    ...(known.doubtful === undefined
      ? []
      : [`      in doubt, because a change was never answered: ${known.doubtful.join(', ')}`]),
  ];
}

/** What a plan holds for the record, its memberships included. */
export function plannedText(
  operations: readonly StoredOperation[],
  notes: readonly Note[],
  considered: Considered,
): readonly string[] {
  return [
    ...notes.map(({ text }) => `    note: ${text}`),
    ...(operations.length === 0
      ? [`    would be sent: ${decisionText(considered)}`]
      : operations.map(
          ({ operation, state }) =>
            `    would be sent: ${describe(operation)}, because: ${operation.reason}${state === 'held' ? ' [held]' : ''}`,
        )),
  ];
}

export function decisionText({ wish, operation, standing }: Considered): string {
  if (standing === 'protected')
    return operation === undefined
      ? 'nothing; the account is protected'
      : `nothing; the account is protected, otherwise: ${describe(operation)}`;
  if (operation !== undefined) return `${describe(operation)}, because it ${operation.reason}`;
  if (wish.kind === 'rejected') return `nothing; the record cannot be sent: ${wish.reason}`;
  if (wish.kind === 'absent') return `nothing; it ${departureReason(wish.because)}, and there is nothing to take away`;
  return 'nothing; the target acknowledged all of it';
}

import { quotedName } from '../../model/reading/header-name.ts';
import type { Judgement } from '../../model/reading/judgement.ts';
import type { AmbiguousHandle, ReferenceCounts, ReferenceKind } from '../../model/reading/references.ts';
import type { Limit } from '../../model/plan.ts';
import { effectiveFloor, exceeds } from '../guard/guard.ts';
import { percent } from './amounts.ts';

/** The references of one kind, now and after the last accepted reading. */
export interface ReferenceComparison {
  readonly kind: ReferenceKind;
  readonly counts: ReferenceCounts;
  /** Undefined: no earlier reading counted them. */
  readonly before: ReferenceCounts | undefined;
  /** References to records that left, where a present record differs only in the spelling of its key. */
  readonly misspelt: number;
  /** Some of the names that point nowhere. */
  readonly examples: readonly string[];
  /** What would let most of the references match, as a continuation; undefined: nothing does. */
  readonly hint: string | undefined;
}

/**
 * Judges references of files. Members and groups decide access and should all name a record, so a share of them that
 * does not is too much, in the first reading too. What an operator accepted is the new normal, also as a share of an
 * export that grows; half of the limit more than that is too much again.
 *
 * Managers decide no access, and those of one department are often in no export of it. They refuse a reading only if
 * most of the share that led to a record in the last reading no longer does.
 *
 * A reference to a record that left the source is no mistake: limits for removals judge leavers. It is one if a present
 * record differs from it only in its spelling.
 */
export function judgeKeyReferences(comparison: ReferenceComparison, limit: Limit): readonly Judgement[] {
  const { kind, counts, before, misspelt, hint } = comparison;
  const dangling = counts.dangling + misspelt;
  const isBroken =
    kind === 'managers'
      ? areManagersLost(dangling, counts.total, before, limit)
      : isTooMuch(dangling, counts.total, before, limit);
  if (!isBroken) return noticeOf(comparison, keyNouns[kind]);
  const earlier = before === undefined ? '' : `, and it was ${before.dangling} of ${before.total} in the last reading`;
  const allowed = describeLimit(kind === 'managers' ? managerLimit(limit) : limit);
  const base = kind === 'managers' && limit.kind === 'share' ? ' of those that named a row' : '';
  return [
    {
      code: 'source.referencesBroken',
      subject: kind,
      numbers: { dangling, references: counts.total, before: before?.dangling ?? 0 },
      reason:
        `${dangling} of ${counts.total} ${keyNouns[kind]} (${percent(dangling, counts.total)}) are in no row of the ` +
        `source: ${list(comparison.examples, dangling)}; the limit is ${allowed}${base}${earlier}` +
        (hint === undefined ? '' : `. ${hint}`),
      refused: true,
    },
  ];
}

function isTooMuch(dangling: number, total: number, before: ReferenceCounts | undefined, limit: Limit): boolean {
  const isAbove = exceeds(dangling, total, limitAt(limit, total));
  if (before === undefined) return isAbove;
  const increase = dangling - expectedDangling(before, total);
  if (limit.kind === 'count') return isAbove && increase > 0;
  const wasAbove = exceeds(before.dangling, before.total, limitAt(limit, before.total));
  if (isAbove && !wasAbove) return increase > 0;
  return exceeds(increase, total, limitAt({ ...limit, share: limit.share / 2 }, total));
}

function areManagersLost(dangling: number, total: number, before: ReferenceCounts | undefined, limit: Limit): boolean {
  if (before === undefined || before.total === 0) return false;
  const expected = expectedDangling(before, total);
  return exceeds(dangling - expected, total - expected, limitAt(managerLimit(limit), total - expected));
}

/** A changed manager costs no access, so only most of them are a mistake that stops a reading. */
const managerLimit = (limit: Limit): Limit =>
  limit.kind === 'count' ? limit : { ...limit, share: Math.max(0.5, limit.share) };

/** The same number of dangling references as before is no news, and neither is the same share. */
const expectedDangling = ({ dangling, total }: ReferenceCounts, totalNow: number): number =>
  total === 0 ? 0 : Math.min(totalNow, Math.max(dangling, (dangling / total) * totalNow));

/**
 * Judges references of a directory. A member that no search finds is usual there: computers, contacts, people outside
 * of the base. So only references count that pointed to a record in the last reading, and to none now although that
 * record is still there.
 *
 * @param lost their number
 * @param counts undefined: an incremental reading does not count all references
 */
export function judgeEntryReferences(
  { kind, before, examples, hint }: Pick<ReferenceComparison, 'kind' | 'before' | 'examples' | 'hint'>,
  counts: ReferenceCounts | undefined,
  lost: number,
  maxDangling: Limit,
): readonly Judgement[] {
  const limit = kind === 'managers' ? managerLimit(maxDangling) : maxDangling;
  const resolved = resolvedBefore(before, counts, lost);
  const notice = counts === undefined ? [] : noticeOf({ kind, counts, examples, hint: undefined }, entryNouns[kind]);
  if (!exceeds(lost, resolved, limitAt(limit, resolved))) return notice;
  return [
    {
      code: 'source.referencesBroken',
      subject: kind,
      numbers: { lost, before: resolved },
      reason:
        `${lost} of ${resolved} ${entryNouns[kind]} (${percent(lost, resolved)}) no longer point to an entry, ` +
        `although the entries to which they pointed are still there; the limit is ${describeLimit(limit)}` +
        (hint === undefined ? '' : `. ${hint}`),
      refused: true,
    },
  ];
}

function resolvedBefore(
  before: ReferenceCounts | undefined,
  counts: ReferenceCounts | undefined,
  lost: number,
): number {
  if (before !== undefined) return Math.max(lost, before.total - before.dangling);
  return counts === undefined ? lost : counts.total - counts.dangling + lost;
}

/** Whether references that lost their record can refuse the reading, so that a hint is worth looking for. */
export function isWorthAHint(count: number, total: number, limit: Limit): boolean {
  return count > 0 && (limit.kind === 'count' ? 2 * count > limit.count : exceeds(count, total, limitAt(limit, total)));
}

function noticeOf(
  { kind, counts, examples, hint }: Pick<ReferenceComparison, 'kind' | 'counts' | 'examples' | 'hint'>,
  noun: string,
): readonly Judgement[] {
  const { total, dangling, left } = counts;
  if (dangling + left === 0) return [];
  const leavers = left === 0 ? '' : `${dangling === 0 ? '' : '; '}${left} of them name a record that left the source`;
  const unknown = dangling === 0 ? '' : `${dangling} of them point to none: ${list(examples, dangling)}`;
  return [
    {
      code: 'source.danglingReferences',
      subject: kind,
      numbers: { dangling, left, references: total },
      reason:
        `${dangling + left} of ${total} ${noun} point to no record; ${unknown}${leavers}` +
        (hint === undefined ? '' : `. ${hint}`),
      refused: false,
    },
  ];
}

/** Reports a login or a DN that several entries share. */
export function judgeAmbiguous(handles: readonly AmbiguousHandle[], total: number): readonly Judgement[] {
  const judgements = handles.map(({ handle, owners, references }): Judgement => {
    const [, type = '', name = ''] = /^(\w+):(.*)$/s.exec(handle) ?? [];
    const entries = owners.map(({ key, dn }) => (dn === undefined ? key : `${quotedName(dn)} (${key})`));
    return {
      code: 'source.ambiguousReference',
      subject: handle,
      numbers: { owners: owners.length, references },
      reason:
        `${handleNouns[type] ?? 'the name'} ${quotedName(name)} belongs to ${owners.length} entries, ` +
        `so a reference to it makes no entry a member: ${entries.join(', ')}`,
      refused: false,
    };
  });
  if (total <= handles.length) return judgements;
  const more: Judgement = {
    code: 'source.ambiguousReference',
    subject: 'more',
    numbers: { handles: total },
    reason: `${total - handles.length} more names belong to several entries`,
    refused: false,
  };
  return [...judgements, more];
}

/** Codes that \`judgeAmbiguous\` and the judges of references report. */
export const referenceNotices: ReadonlySet<Judgement['code']> = new Set([
  'source.danglingReferences',
  'source.ambiguousReference',
]);

const handleNouns: Readonly<Record<string, string>> = { login: 'the login', dn: 'the DN', rid: 'the SID ending' };

const keyNouns: Readonly<Record<ReferenceKind, string>> = {
  members: 'members named in memberships',
  groups: 'groups named in memberships',
  managers: 'managers of users',
};

const entryNouns: Readonly<Record<ReferenceKind, string>> = {
  members: 'members of groups',
  groups: 'groups of users',
  managers: 'managers of users',
};

const maxExamples = 5;

function list(names: readonly string[], total: number): string {
  const shown = names.slice(0, maxExamples).map(quotedName).join(', ');
  return names.length > maxExamples || total > names.length ? `${shown}, …` : shown;
}

const limitAt = (limit: Limit, total: number): Limit =>
  limit.kind === 'count' ? limit : { ...limit, floor: effectiveFloor(limit.floor, 'halfOrFive', total, 0) };

const describeLimit = (limit: Limit): string =>
  limit.kind === 'count' ? String(limit.count) : `${percent(limit.share, 1)} (at least ${limit.floor})`;

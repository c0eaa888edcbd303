import { isOwnRow } from './own-rows.ts';
import type { Validity } from '../../model/dates/validity.ts';
import type { Instant } from '../../model/ids.ts';
import type { Attributes, SourceRecord } from '../../model/record.ts';
import type { Db } from '../database.ts';
import type { BitSet } from './bit-set.ts';
import { activityAt } from './mirror-row.ts';
import { isMissingFrom } from './missing-rows.ts';
import { identityHandles, maxHandles } from './references/identity-handles.ts';
import type { ComparedPart, LostSign, StagingOptions, StagingSummary } from '../store.ts';

/** A user or group in the mirror. Attributes and signs are JSON. */
export interface MirroredValues {
  readonly active: number;
  readonly valid_from: number | null;
  readonly valid_to: number | null;
  readonly attributes: string;
  readonly signs: string | null;
}

/** A staged user or group. */
export interface StagedValues extends Partial<Pick<SourceRecord, 'key' | 'resourceType'>>, Validity {
  readonly active: boolean;
  readonly attributes: Attributes;
  readonly signs: readonly string[] | undefined;
}

/** Counts, while rows are staged, which values and signs of inactivity records lose. */
export interface ValueCounts {
  /** @param before undefined: the record is new */
  count(part: ComparedPart, before: MirroredValues | undefined, now: StagedValues): void;
  /** @param seen records that this reading contained, changed or not */
  summary(seen: BitSet): Pick<StagingSummary, 'blanked' | 'lostSigns' | 'garbled' | 'activated' | 'returned'>;
}

interface SignCount {
  lost: number;
  reactivated: number;
  readonly names: string[];
  readonly keys: string[];
}

const maxNames = 3;

const isAscii = /^[\0-\x7f]*$/;

const recordTypes = { users: 'User', groups: 'Group' } as const;

/** Starts the counts of one reading. The totals are read from the database only for what lost values. */
export function openValueCounts(db: Db, options: StagingOptions): ValueCounts {
  const lostValues = { users: new Map<string, number>(), groups: new Map<string, number>() } as const;
  const lostSigns = new Map<string, SignCount>();
  const { at, signs = [], isNewlyGarbled = () => false } = options;
  const { isActive, isActiveRow } = activityAt(at);
  let garbledRecords = 0;
  let garbledToAscii = 0;
  let activated = 0;
  let stillInactive = 0;

  /** Another row of the user counts now, and its period begins at the end of the earlier one, or before it. */
  const continues = ({ active, valid_to: end }: MirroredValues, { validFrom }: StagedValues): boolean =>
    options.replacesEarlierRow !== undefined && active === 1 && end !== null && (validFrom ?? Infinity) <= end;

  const wasInactive = (before: MirroredValues, now: StagedValues): boolean =>
    !isActiveRow(before) && !continues(before, now);

  const countSigns = (before: MirroredValues, now: StagedValues): void => {
    if (before.signs === null) return;
    const signsBefore = JSON.parse(before.signs) as readonly string[];
    for (const sign of signs) {
      if (!signsBefore.includes(sign) || now.signs?.includes(sign) === true) continue;
      const count = lostSigns.get(sign) ?? { lost: 0, reactivated: 0, names: [], keys: [] };
      lostSigns.set(sign, count);
      count.lost += 1;
      if (wasInactive(before, now) && isActive(now)) count.reactivated += 1;
      const { key, resourceType, active, attributes } = now;
      if (key !== undefined && count.keys.length < maxHandles) count.keys.push(key);
      if (key !== undefined && resourceType !== undefined && count.names.length < maxNames)
        count.names.push(options.nameOf({ key, resourceType, active, attributes }) ?? key);
    }
  };

  return {
    count(part, before, now) {
      const attributes = before === undefined ? undefined : (JSON.parse(before.attributes) as Attributes);
      if (isNewlyGarbled(attributes, now.attributes)) {
        garbledRecords += 1;
        if (isAscii.test(JSON.stringify(now.attributes))) garbledToAscii += 1;
      }
      if (before === undefined || attributes === undefined) return;
      const counts = lostValues[part];
      for (const attribute of options.blankedAttributes(part, attributes, now.attributes))
        counts.set(attribute, (counts.get(attribute) ?? 0) + 1);
      if (part !== 'users') return;
      countSigns(before, now);
      if (!wasInactive(before, now)) return;
      if (isActive(now)) activated += 1;
      else stillInactive += 1;
    },
    summary: (seen) => ({
      blanked: blanked(),
      lostSigns: lostSignsOf(seen),
      garbled: garbled(),
      activated:
        options.extent === 'incremental' || activated === 0
          ? { users: 0, stillInactive: 0 }
          : { users: activated, stillInactive: stillInactive + countUnchangedInactive(db, seen, at) },
      returned: countReturned(db),
    }),
  };

  function blanked(): StagingSummary['blanked'] {
    return (['users', 'groups'] as const).flatMap((part) =>
      [...lostValues[part]].map(([attribute, lost]) => ({
        part,
        attribute,
        lost,
        had: countWithAttribute(db, part, attribute),
      })),
    );
  }

  function lostSignsOf(seen: BitSet): readonly LostSign[] {
    return [...lostSigns].map(([sign, { keys, ...count }]) => ({
      sign,
      ...count,
      handles: identityHandles(db, ['User'], keys),
      had: countWithSign(db, sign),
      ...countRemaining(db, sign, options.extent === 'full' ? seen : undefined),
    }));
  }

  function garbled(): StagingSummary['garbled'] {
    if (garbledRecords === 0) return { records: 0, nonAscii: 0 };
    return { records: garbledRecords, nonAscii: countNonAscii(db) + garbledToAscii };
  }
}

function countWithAttribute(db: Db, part: ComparedPart, attribute: string): number {
  return db
    .prepare(
      `
      select count(*)
      from record
      where resource_type = ?
        and ${isOwnRow()}
        and removed_in is null
        and json_extract(attributes, ?) is not null`,
    )
    .pluck()
    .get(recordTypes[part], `$.${JSON.stringify(attribute)}`) as number;
}

/** `signs` is a JSON list of names, so the quotation marks delimit a name. */
const hasSign = 'instr(signs, :sign) > 0';

/** Users of the mirror who show a sign of inactivity. */
function countWithSign(db: Db, sign: string): number {
  return db
    .prepare(`select count(*) from record where resource_type = 'User' and removed_in is null and ${hasSign}`)
    .pluck()
    .get({ sign: JSON.stringify(sign) }) as number;
}

/** How many users would show the sign after the commit, and how many rows of this reading show it. */
function countRemaining(db: Db, sign: string, seen: BitSet | undefined): Pick<LostSign, 'remaining' | 'shown'> {
  const parameter = { sign: JSON.stringify(sign) };
  const shown = db
    .prepare(`select count(*) from staged_record where resource_type = 'User' and ${hasSign}`)
    .pluck()
    .get(parameter) as number;
  let unchanged = 0;
  const unstaged = db
    .prepare(
      `
      select r.id
      from record r
      where r.resource_type = 'User'
        and r.removed_in is null
        and ${hasSign.replace('signs', 'r.signs')}
        and ${isMissingFrom('staged_record', 'r', ['resource_type', 'key'])}
        and ${isMissingFrom('staged_removed', 'r', ['resource_type', 'key'])}`,
    )
    .pluck();
  for (const id of unstaged.iterate(parameter) as Iterable<number>)
    if (seen === undefined || seen.has(id)) unchanged += 1;
  return { remaining: shown + unchanged, shown };
}

/** Users who are inactive in the mirror and whose rows this reading contains unchanged. */
function countUnchangedInactive(db: Db, seen: BitSet, at: Instant | undefined): number {
  const inactive = db
    .prepare(
      `
      select r.id
      from record r
      where r.resource_type = 'User'
        and r.removed_in is null
        and (r.active = 0 or r.valid_to <= :at or r.valid_from > :at)
        and ${isMissingFrom('staged_record', 'r', ['resource_type', 'key'])}`,
    )
    .pluck();
  let count = 0;
  for (const id of inactive.iterate({ at: at ?? null }) as Iterable<number>) if (seen.has(id)) count += 1;
  return count;
}

/** Active users of this reading whose records had left the source. */
const countReturned = (db: Db): number =>
  db
    .prepare(
      `
      select count(*)
      from staged_record s
      cross join record r on r.resource_type = s.resource_type
        and r.key = s.key
        and r.removed_in is not null
      where s.resource_type = 'User'
        and s.active = 1`,
    )
    .pluck()
    .get() as number;

/** Users and groups with a value beyond ASCII, after the commit. */
function countNonAscii(db: Db): number {
  const isNonAscii = `attributes glob '*[^ -~]*'`;
  return db
    .prepare(
      `
      select (select count(*) from staged_record where ${isNonAscii}) + (
        select count(*)
        from record r
        where r.removed_in is null
          and ${isOwnRow('r')}
          and r.${isNonAscii}
          and ${isMissingFrom('staged_record', 'r', ['resource_type', 'key'])}
      )`,
    )
    .pluck()
    .get() as number;
}

import { createHash } from 'node:crypto';
import { instant, sourceKey, type Instant } from '../../src/model/ids.ts';
import type { Attributes, SourceRecord } from '../../src/model/record.ts';
import type { ReadingExtent } from '../../src/model/row.ts';
import type { UnknownSubject } from '../../src/model/reading/rejected-subject.ts';
import type { RowChoice, RowsPolicy } from '../../src/model/reading/row-choice.ts';
import { duplicateKeyReason } from '../../src/plan/duplicate-key.ts';
import { blankedAttributes } from '../../src/plan/reading/amounts.ts';
import { replacesEarlierRow } from '../../src/plan/reading/choose-row.ts';
import { createRejectedRows } from '../../src/plan/reading/rejected-rows.ts';
import type { CountedPart, Mirror, ParsedRow, SourcePart, StagingSummary } from '../../src/store/store.ts';

/** A row of a source. All its fields are part of its digest. */
export interface RowText {
  readonly key: string;
  readonly attributes?: Attributes;
  readonly active?: boolean;
  /** Groups in a column of the user. */
  readonly groups?: readonly string[];
  /** The cell that orders several rows of one user. */
  readonly order?: string;
  readonly rejected?: string;
  /** The text of a rejected row whose key is not certain. */
  readonly text?: string;
  /** The configuration leaves the rejected row out. */
  readonly isExcluded?: boolean;
  /** A column of the row without a mapping. */
  readonly unused?: string;
}

export interface Tables {
  readonly users?: readonly RowText[];
  readonly groups?: readonly RowText[];
  /** `group>member`, or a rejected row. */
  readonly memberships?: readonly (string | Pick<RowText, 'rejected' | 'text'>)[];
}

export const person = (key: string, mail?: string, groups?: readonly string[]): RowText => ({
  key,
  ...(mail === undefined ? {} : { attributes: { mail: [mail] } }),
  ...(groups === undefined ? {} : { groups }),
});

export interface ReadOptions {
  readonly parseAll?: boolean;
  readonly column?: boolean;
  readonly relevant?: ReadonlySet<string>;
  /** Which of several rows of one user counts. */
  readonly rows?: RowsPolicy;
  /** The time of the reading, in ms. */
  readonly at?: number;
  /** An incremental reading contains only what changed. By default, the reading is a full one. */
  readonly extent?: ReadingExtent;
  /** Rows in one batch. */
  readonly batch?: number;
  /** The attribute with the keys of managers; by default no target maps managers. */
  readonly managers?: string | undefined;
}

export interface Read {
  readonly summary: StagingSummary;
  readonly number: number;
  /** Number of parsed rows. */
  readonly parsed: number;
}

/** Stages and commits a reading in the caller's transaction. */
export async function stageAndCommit(
  store: { readonly mirror: Mirror },
  given: Tables,
  {
    parseAll = false,
    column = false,
    relevant,
    batch = 2,
    at: time = 1000,
    rows: policy,
    managers,
    extent = 'full',
  }: ReadOptions,
): Promise<Read> {
  const intake = await store.mirror.openStaging({
    parseAll: parseAll || policy !== undefined,
    groupsFromColumn: column,
    blankedAttributes: (_part, before, now) => blankedAttributes(before, now, relevant),
    duplicateKeyReason,
    ...rejectionOptions(column),
    ...(policy === undefined
      ? {}
      : { replacesEarlierRow: (row: RowChoice, earlier: RowChoice) => replacesEarlierRow(policy, row, earlier) }),
    extent,
    referenceOptions: undefined,
    ...(managers === undefined
      ? {}
      : { managers: { rules: managers, namesOf: ({ attributes }: SourceRecord) => attributes[managers] ?? [] } }),
  });
  let parsed = 0;
  for (const part of ['users', 'groups', 'memberships'] as const) {
    const all = rowsOf(part, given);
    for (let at = 0; at < all.length; at += batch) {
      const rows = all.slice(at, at + batch);
      const differing = await intake.changedRows(part, rows);
      parsed += differing.length;
      const picked = differing.map((index) => rows[index]).filter((row) => row !== undefined);
      await intake.stage(
        part,
        picked,
        picked.map(({ parsedRow }) => parsedRow),
      );
    }
  }
  const summary = await intake.summary();
  const { number } = await intake.commit({
    at: instant(time),
    fingerprint: 'f',
    signature: 's',
    columns: { users: ['id', 'mail'], groups: ['id'] },
    bookmark: undefined,
    facts: {},
  });
  await intake.discard();
  return { summary, number, parsed };
}

function rowsOf(part: CountedPart, given: Tables): { line: number; digest: Buffer; parsedRow: ParsedRow }[] {
  return (given[part] ?? []).map((row, index) => {
    const line = index + 2;
    return {
      line,
      digest: createHash('sha256').update(JSON.stringify(row)).digest().subarray(0, 16),
      parsedRow: typeof row === 'string' ? membershipOf(row) : recordOf(part, line, { key: '', ...row }),
    };
  });
}

function membershipOf(text: string): ParsedRow {
  const [group = '', member = ''] = text.split('>');
  return { kind: 'membership', membership: { group: sourceKey(group), member: sourceKey(member) } };
}

function recordOf(
  part: SourcePart,
  line: number,
  { key, attributes = {}, active = true, groups, rejected, text, isExcluded, order }: RowText,
): ParsedRow {
  if (rejected !== undefined) {
    const subject = text === undefined ? ({ kind: 'record' } as const) : { ...unknownSubject(text), isExcluded };
    return { kind: 'rejected', line, key, reason: rejected, subject };
  }
  return {
    kind: 'record',
    record: { resourceType: part === 'users' ? 'User' : 'Group', key: sourceKey(key), active, attributes },
    groups,
    order,
  };
}

const unknownSubject = (text: string): UnknownSubject => ({ kind: 'unknown', text, keyCells: [], memberCells: [] });

/** All values of a record could name it in a text. */
export const namesOf = ({ attributes }: SourceRecord): readonly string[] => Object.values(attributes).flat();

/** The options of a reading about rejected rows. */
export const rejectionOptions = (groupsFromColumn = false) => ({
  rejectedRows: createRejectedRows(namesOf, groupsFromColumn),
  nameOf: (record: SourceRecord): string | undefined => namesOf(record)[0],
});

export const at = (milliseconds: number): Instant => instant(milliseconds);

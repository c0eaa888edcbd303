import type { OpenSource, SourcePart, ParsedRow, UsedAttributes } from '../../source/source.ts';
import { tryRulesByRow, type RulesOfTarget, type TriedRules } from './try-rules.ts';

/** The result of a full read that is not stored. */
export interface TestRead {
  /** Accepted rows, by part; of users, the number of keys; groups from a column included. */
  readonly rows: Readonly<Record<SourcePart, number>>;
  /** Sign of inactivity → users who show it. */
  readonly signs: ReadonlyMap<string, number>;
  /** Whether an incremental read could continue from here. */
  readonly supportsIncremental: boolean;
  readonly rejected: number;
  /** Rows that the configuration leaves out. */
  readonly excluded: number;
  /** The first rejected rows. */
  readonly rejections: readonly { readonly part: SourcePart; readonly line: number; readonly reason: string }[];
  /** At the targets whose rules depend on the row of a record alone. */
  readonly rules: TriedRules;
}

const maxRejections = 5;

/**
 * Reads a source to its end, as a pass does. Only a complete read shows size limits of the server, missing read rights
 * and invalid rows.
 *
 * @throws IncompleteReading
 */
export async function testRead(
  open: OpenSource,
  uses: UsedAttributes,
  targets: readonly RulesOfTarget[],
  signal: AbortSignal,
): Promise<TestRead> {
  const rules = tryRulesByRow(targets);
  const rows: Record<SourcePart, number> = { users: 0, groups: 0, nested: 0, memberships: 0 };
  const rejections: TestRead['rejections'][number][] = [];
  let rejected = 0;
  let excluded = 0;
  const signs = new Map((open.signs?.names ?? []).map((name) => [name, 0]));
  const keys = { users: new Set<string>(), groupsOfColumn: new Set<string>() };
  const countValues = (row: ParsedRow): void => {
    if (row.kind !== 'record') return;
    for (const sign of row.signs ?? []) signs.set(sign, (signs.get(sign) ?? 0) + 1);
    rules.add(row.record);
    if (row.record.resourceType === 'User') keys.users.add(row.record.key);
    // Names that differ only in case or blanks are one group.
    for (const group of row.groups ?? []) keys.groupsOfColumn.add(group.trim().toLowerCase());
    rows.memberships += row.groups?.length ?? 0;
  };
  const count = (part: SourcePart, row: ParsedRow): void => {
    countValues(row);
    if (row.kind === 'excluded' || isLeftOut(row)) excluded += 1;
    else if (row.kind !== 'rejected') rows[part] += 1;
    else {
      rejected += 1;
      if (rejections.length < maxRejections) rejections.push({ part, line: row.line, reason: row.reason });
    }
  };
  const reading = await open.read(uses, undefined, signal);
  for await (const batch of reading.batches) {
    signal.throwIfAborted();
    for (const row of batch.parse(batch.rows.map((_row, index) => index))) count(batch.part, row);
  }
  rows.users = keys.users.size;
  rows.groups += keys.groupsOfColumn.size;
  const supportsIncremental = reading.bookmark() !== undefined;
  return {
    ...{ rows, signs, supportsIncremental, rejected, excluded, rejections },
    rules: rules.result(),
  };
}

/** An invalid row that `where` leaves out. A pass rejects it only if an absent user could be meant. */
const isLeftOut = (row: ParsedRow): boolean =>
  row.kind === 'rejected' && row.subject.kind === 'unknown' && row.subject.isExcluded === true;

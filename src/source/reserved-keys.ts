import { groupKeyOf, sourceOfGroupKey } from '../model/reading/source-names.ts';
import type { RejectedRow } from '../model/row.ts';
import type { ParsedRow, Row, RowBatch, Source } from './source.ts';
import { wrapSource } from './wrap-source.ts';

/**
 * A source whose groups have no key of a group of a joined source: `ad:KEY` is a group of the source `ad`. A row with
 * such a group is rejected: its members would join a group that the other source decides about.
 *
 * @param joined names of the joined sources that have groups
 */
export function withoutReservedKeys(source: Source, joined: readonly string[]): Source {
  if (joined.length === 0) return source;
  return wrapSource(source, {
    // Rows that were accepted before a joined source had its name are parsed again.
    signature: [...joined].sort().join(' '),
    batches: (batches) => checked(batches, joined),
  });
}

async function* checked(batches: AsyncIterable<RowBatch>, joined: readonly string[]): AsyncIterable<RowBatch> {
  for await (const batch of batches)
    yield {
      ...batch,
      parse: (indices) =>
        batch.parse(indices).map((parsed, position) => {
          const row = batch.rows[indices[position] ?? -1];
          return row === undefined ? parsed : (rejection(row, parsed, joined) ?? parsed);
        }),
    };
}

function rejection({ line }: Row, parsed: ParsedRow, joined: readonly string[]): RejectedRow | undefined {
  const reserved = groupsIn(parsed).find((key) => sourceOfGroupKey(key, joined) !== undefined);
  if (reserved === undefined) return undefined;
  const source = sourceOfGroupKey(reserved, joined) ?? '';
  const reason =
    `the group ${JSON.stringify(reserved)} has a key that begins with ${JSON.stringify(groupKeyOf(source, ''))}, ` +
    `and such keys are those of the groups of the source ${source}; give the group another key, or the source ` +
    'another name';
  if (parsed.kind === 'membership') {
    const { group, member } = parsed.membership;
    return { kind: 'rejected', line, key: undefined, reason, subject: { kind: 'membership', group, member } };
  }
  const key = parsed.kind === 'record' ? parsed.record.key : undefined;
  return { kind: 'rejected', line, key, reason, subject: { kind: 'record' } };
}

/** The keys of groups that a row states. */
function groupsIn(parsed: ParsedRow): readonly string[] {
  if (parsed.kind === 'membership') return [parsed.membership.group];
  if (parsed.kind !== 'record') return [];
  const { record, groups = [] } = parsed;
  return record.resourceType === 'Group' ? [record.key, ...groups] : groups;
}

import { mentionedNames, type IdentityMapping } from '../../desired/person-identity.ts';
import type { Instant } from '../../model/ids.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { ReadingExtent } from '../../model/row.ts';
import { duplicateKeyReason } from '../../plan/duplicate-key.ts';
import { blankedAttributes } from '../../plan/reading/amounts.ts';
import { isNewlyGarbled } from '../../plan/reading/garbled-text.ts';
import { replacesEarlierRow } from '../../plan/reading/choose-row.ts';
import { createRejectedRows } from '../../plan/reading/rejected-rows.ts';
import { managersBy, type ManagerMapping } from './references.ts';
import type { OpenSource, UsedAttributes } from '../../source/source.ts';
import type { StagingOptions } from '../../store/store.ts';
import type { SourceSpec } from '../context.ts';

/** What decides how a reading is staged. */
interface StagingContext {
  readonly spec: SourceSpec;
  readonly open: OpenSource;
  readonly uses: UsedAttributes;
  readonly options: { readonly mappings: readonly (IdentityMapping & ManagerMapping)[] };
  readonly parseAll: boolean;
  /** The time of the reading. */
  readonly at: Instant;
}

/** The rules of one reading: duplicate keys, lost values, rejected rows. */
export function stagingOptions(
  { spec, open, uses, options, parseAll, at }: StagingContext,
  extent: ReadingExtent,
): StagingOptions {
  const { rows } = spec;
  const textEvidence = { isMisread: open.isMisread === true, isMisreading: open.isMisreading };
  const namesOf = (record: SourceRecord): readonly string[] => mentionedNames(record, options.mappings);
  return {
    at,
    parseAll,
    groupsFromColumn: spec.groupsFromColumn,
    blankedAttributes: (part, before, now) => blankedAttributes(before, now, uses[part]),
    signs: open.signs?.names ?? [],
    isNewlyGarbled: (before, now) => isNewlyGarbled(before, now, textEvidence),
    duplicateKeyReason,
    replacesEarlierRow: rows === undefined ? undefined : (row, earlier) => replacesEarlierRow(rows, row, earlier),
    rejectedRows: createRejectedRows(namesOf, spec.groupsFromColumn),
    managers: open.referenceOptions === undefined ? managersBy(options.mappings) : undefined,
    nameOf: (record) => namesOf(record)[0],
    extent,
    referenceOptions: open.referenceOptions,
  };
}

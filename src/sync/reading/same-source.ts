import { isDeepStrictEqual } from 'node:util';
import type { Instant } from '../../model/ids.ts';
import type { OpenSource } from '../../source/source.ts';
import type { Reading } from '../../store/store.ts';
import type { SourceSpec } from '../context.ts';

/** Whether the dates of several rows of one user may choose another row than in the last reading. */
export const mustChooseAgain = ({ facts: { chooseAgainAt } }: Reading, at: Instant): boolean =>
  chooseAgainAt !== undefined && chooseAgainAt <= at;

/**
 * Whether the source is the same as in the last reading, and its rows have the same meaning at a moment. Rejected rows
 * are read and reported again until they are corrected.
 */
export function isUnchanged(
  last: Reading,
  open: OpenSource,
  {
    signature,
    spec: { identity },
    at,
  }: { readonly signature: string; readonly spec: SourceSpec; readonly at: Instant },
): boolean {
  return (
    (identity === undefined || isDeepStrictEqual(last.facts.source, identity)) &&
    open.fingerprint !== undefined &&
    last.fingerprint === open.fingerprint &&
    last.signature === signature &&
    last.rejected === 0 &&
    !mustChooseAgain(last, at)
  );
}

import type { PassDetails, PassFacts } from '../../page/facts/page-facts.ts';
import type { PassRow } from '../../store/journal/passes.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import { targetSentence } from '../print/audit/passes-text.ts';
import { approvalText } from '../print/audit/approval-text.ts';
import { entriesOf } from './entries.ts';

/** Operations on one page of a pass. */
const pageSize = 100;

/** A pass in the words of `passes`. */
export const passFacts = ({ pass, targets, approvals, result, ...row }: PassRow): PassFacts => ({
  ...row,
  id: pass,
  result: result ?? 'running',
  targets: targets.map(({ target, summary }) => ({ target, sentence: targetSentence(summary) })),
  approvals: approvals.map(approvalText),
});

/** A pass with a page of its operations, after one of them. */
export async function passDetails(
  view: ReadOnlyStore,
  id: number,
  after: number | undefined,
): Promise<PassDetails | undefined> {
  const pass = view.browsing.pass(id);
  if (pass === undefined) return undefined;
  const rows = view.browsing.operations(id, after, pageSize + 1);
  const page = rows.slice(0, pageSize);
  return {
    pass: passFacts(pass),
    entries: await entriesOf(view, page),
    next: rows.length > pageSize ? page.at(-1)?.id : undefined,
  };
}

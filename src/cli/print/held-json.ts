import type { HeldOfLine } from '../../model/json/lines.ts';
import type { Hold, Violation } from '../../model/plan.ts';
import { percentText } from '../../plan/guard/guard.ts';

/** A hold for `--json`: each kind with its numbers and its limit, and the sentences for the operator. */
export function heldAsJson({ parts, violations, reasons, removals, renames }: Hold): HeldOfLine {
  return { parts, kinds: violations.map(kindAsJson), reasons, removals, renames };
}

function kindAsJson({
  code,
  kind,
  subject,
  planned,
  count,
  known,
  limit,
}: Violation): Readonly<Record<string, unknown>> {
  return {
    ...{ kind, code, ...(subject === undefined ? {} : { attribute: subject }), planned, count, known },
    limit:
      limit === undefined ? null : limit.kind === 'count' ? limit.count : percentText(limit.share).replace(' ', ''),
    floor: limit?.kind === 'share' ? limit.floor : null,
  };
}

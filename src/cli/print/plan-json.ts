import type { PlannedPass } from '../../sync/plan-pass.ts';
import type { Journal } from '../../store/store.ts';
import type { Console } from '../console.ts';
import { operationLines } from './json-lines.ts';
import { allNotes } from './all-notes.ts';

/** The plan as JSON lines: operations, notes, and one summary a target. */
export async function showPlanAsJson(
  journal: Journal,
  { pass, plans, id }: PlannedPass & { readonly id: string },
  console: Console,
): Promise<void> {
  for (const { target, counts, verdict, cost } of plans) {
    for await (const { operation, state } of journal.allOperations(pass, target, 0)) {
      for (const line of operationLines(target, operation))
        console.out(JSON.stringify(state === 'held' ? { ...line, held: true } : line));
    }
    for await (const { resourceType, key, name, text, problem } of allNotes(journal, pass, target)) {
      console.out(JSON.stringify({ type: 'note', target, resource: resourceType, key, name, note: text, problem }));
    }
    const held =
      verdict.kind === 'hold'
        ? { parts: verdict.parts, reasons: verdict.reasons, removals: verdict.removals, renames: verdict.renames }
        : null;
    console.out(
      JSON.stringify({
        type: 'summary',
        target,
        counts,
        held,
        plan: id,
        requests: cost.requests,
        milliseconds: cost.milliseconds,
      }),
    );
  }
}

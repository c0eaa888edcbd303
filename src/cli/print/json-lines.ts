import type {
  ChangeOfLine,
  OperationLine,
  NoteLine,
  OutcomeLine,
  PlannedLine,
  PlanSummaryLine,
} from '../../model/json/lines.ts';
import type { Operation } from '../../model/operation.ts';
import type { JournalView } from '../../store/store.ts';
import type { PassEvent } from '../../sync/events.ts';
import type { PlannedPass } from '../../sync/plan-pass.ts';
import type { Console } from '../console.ts';
import { keyChangeLines } from './key-changes.ts';
import { showSuspensions } from './suspensions-text.ts';
import { holdId } from '../../sync/guard/plan-id.ts';
import { waitingNamesAsJson } from './waiting-names.ts';
import { heldAsJson } from './held-json.ts';
import { rejectionsAsJson } from './rejections.ts';

/** One line of `--json`. */
export type JsonLine = Readonly<Record<string, unknown>>;

/** An operation as JSON lines: one, or two if a request both adds and removes members. */
export function operationLines(target: string, operation: Operation): readonly OperationLine[] {
  const line = (action: OperationLine['action'], changes: readonly ChangeOfLine[]): OperationLine => ({
    type: 'operation',
    target,
    action,
    resource: operation.resourceType,
    key: operation.key,
    name: operation.name,
    changes,
    reason: operation.reason,
  });
  switch (operation.action) {
    case 'create':
    case 'verifyCreate':
      return [
        line(
          operation.action,
          Object.entries(operation.body).map(([path, to]) => ({ path, from: null, to })),
        ),
      ];
    case 'update':
    case 'deactivate':
    case 'reactivate':
      return [line(operation.action, operation.edits)];
    case 'delete':
      return [line('delete', [])];
    case 'members': {
      const keys = (members: readonly { readonly key: string }[]): readonly string[] => members.map(({ key }) => key);
      return [
        ...(operation.remove.length === 0
          ? []
          : [line('removeMembers', [{ path: 'members', from: keys(operation.remove), to: null }])]),
        ...(operation.add.length === 0
          ? []
          : [line('addMembers', [{ path: 'members', from: null, to: keys(operation.add) }])]),
      ];
    }
  }
}

type OutcomeFacts = Pick<
  Extract<PassEvent, { type: 'operation' }>,
  'result' | 'status' | 'detail' | 'evidence' | 'code'
>;

/** An operation with its outcome, as JSON lines. */
export function outcomeLines(
  target: string,
  operation: Operation,
  { result, status, detail, evidence, code }: OutcomeFacts,
): readonly OutcomeLine[] {
  return operationLines(target, operation).map((line) => ({
    ...line,
    outcome: result,
    status: status ?? null,
    detail: detail ?? null,
    ...(evidence === undefined ? {} : { evidence }),
    ...(code === undefined ? {} : { code }),
  }));
}

/** The plan as JSON lines. */
export async function showPlanAsJson(
  journal: JournalView,
  planned: PlannedPass & { readonly id: string },
  console: Console,
): Promise<void> {
  const { keyChanges, rejections, paused, freezes } = planned;
  for (const line of keyChangeLines(keyChanges)) console.out(JSON.stringify(line));
  for (const line of rejectionsAsJson(rejections)) console.out(JSON.stringify(line));
  showSuspensions({ paused, freezes }, { json: true, zone: 'UTC' }, console);
  for await (const line of planLines(journal, planned)) console.out(JSON.stringify(line));
}

/**
 * Operations, notes, and one summary for each target.
 *
 * @param isApprovable whether `approve` lets through what is held
 */
export async function* planLines(
  journal: JournalView,
  { pass, plans, id }: Pick<PlannedPass, 'pass' | 'plans'> & { readonly id: string },
  isApprovable = true,
): AsyncGenerator<PlannedLine | NoteLine | PlanSummaryLine> {
  for (const { target, counts, verdict, cost, firstLoad, waitingForNames, frozen } of plans) {
    for await (const { operation, state, heldBecause } of journal.allOperations(pass, target, 0)) {
      const held =
        state === 'held' ? { held: true as const, ...(heldBecause === undefined ? {} : { detail: heldBecause }) } : {};
      for (const line of operationLines(target, operation)) yield { ...line, ...held };
    }
    for (const operation of frozen.operations)
      for (const line of operationLines(target, operation))
        yield { ...line, held: true, code: 'user.frozen', detail: 'frozen' };
    for await (const { resourceType, key, name, text, problem } of journal.allNotes(pass, target))
      yield { type: 'note', target, resource: resourceType, key, name, note: text, problem };
    const held = verdict.kind === 'hold' ? heldAsJson(verdict) : null;
    yield {
      type: 'summary',
      target,
      counts,
      held,
      firstLoad: firstLoad ?? null,
      plan: id,
      hold: held === null || !isApprovable ? null : ((await holdId(journal, pass, target)) ?? null),
      requests: cost.requests,
      milliseconds: cost.milliseconds,
      waitingForNames: waitingNamesAsJson(waitingForNames),
      frozen: frozen.total,
    };
  }
}

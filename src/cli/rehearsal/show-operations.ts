import type { Operation } from '../../model/operation.ts';
import { describeOperation } from '../../plan/describe.ts';
import type { JournalView, StoredOperation } from '../../store/store.ts';
import type { Console } from '../console.ts';
import { grouped } from '../print/format.ts';
import { maxShown } from './rehearsal-text.ts';

/** Shows operations of a pass at a target as sentences. A long list is cut. */
export async function showOperations(
  { out, colors }: Console,
  journal: JournalView,
  operations: AsyncIterable<Operation>,
  target: string,
): Promise<void> {
  let count = 0;
  for await (const operation of operations) {
    count += 1;
    if (count <= maxShown)
      out(`  ${describeOperation(operation, (type, key) => journal.nameAtTarget(target, type, key))}`);
  }
  if (count > maxShown) out(colors.dim(`  … and ${grouped(count - maxShown)} more (all of them with --json)`));
}

/** The operations that a pass planned first, and that are in such a state now. */
export async function* operationsIn(
  journal: JournalView,
  pass: number,
  target: string,
  isMeant: (state: StoredOperation['state']) => boolean,
): AsyncGenerator<Operation> {
  for await (const { operation, state } of journal.allOperations(pass, target, 0)) if (isMeant(state)) yield operation;
}

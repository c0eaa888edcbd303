import { managerWaves } from '../../plan/manager-order.ts';
import { phases } from '../../plan/phases.ts';
import type { PlanningJournal } from '../../store/store.ts';
import { createNumberList } from '../compact/number-list.ts';

const pageSize = 1000;

/** If a user and the manager are both created, the manager comes first. */
export async function orderCreates(
  journal: PlanningJournal,
  { pass, target, round }: { readonly pass: number; readonly target: string; readonly round: number },
  nextSlice: () => Promise<void>,
): Promise<void> {
  const creates = createNumberList();
  const managers = createNumberList();
  for (let after = 0; ;) {
    const page = await journal.managedCreates(pass, target, round, phases.createUsers, after, pageSize);
    if (page.length === 0) break;
    for (const { create, manager } of page) {
      creates.push(create);
      managers.push(manager);
      after = create;
    }
    await nextSlice();
  }
  const { waves } = managerWaves(creates, managers);
  for (let start = 0; start < creates.length; start += pageSize) {
    const page = waves.subarray(start, start + pageSize);
    await journal.setWaves(Array.from(page, (wave, index) => ({ operation: creates.at(start + index), wave })));
    await nextSlice();
  }
}

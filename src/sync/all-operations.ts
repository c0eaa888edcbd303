import type { Journal, StoredOperation } from '../store/store.ts';

const pageSize = 500;

/** The operations of one round in the order in which they are carried out, read page by page: a plan can be longer than memory. */
export async function* allOperations(
  journal: Journal,
  pass: number,
  target: string,
  round = 0,
): AsyncGenerator<StoredOperation> {
  for (let last: StoredOperation | undefined; ;) {
    const page = await journal.operations(pass, target, round, last, pageSize);
    yield* page;
    last = page.at(-1);
    if (last === undefined) return;
  }
}

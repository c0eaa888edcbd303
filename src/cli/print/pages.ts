import type { Journal, Note, StoredOperation } from '../../store/store.ts';

const pageSize = 500;

/** The operations of a planning, read page by page: a plan can be longer than memory. */
export async function* allOperations(journal: Journal, pass: number, target: string): AsyncGenerator<StoredOperation> {
  for (let last: StoredOperation | undefined; ;) {
    const page = await journal.operations(pass, target, 0, last, pageSize);
    yield* page;
    last = page.at(-1);
    if (last === undefined) return;
  }
}

export async function* allNotes(journal: Journal, pass: number, target: string): AsyncGenerator<Note> {
  for (let after = 0; ;) {
    const page = await journal.notes(pass, target, after, pageSize);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

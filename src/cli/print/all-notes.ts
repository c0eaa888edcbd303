import type { Journal, Note } from '../../store/store.ts';

const pageSize = 500;

/** What a planning found that is no operation, read page by page. */
export async function* allNotes(journal: Journal, pass: number, target: string): AsyncGenerator<Note> {
  for (let after = 0; ;) {
    const page = await journal.notes(pass, target, after, pageSize);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

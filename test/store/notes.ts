import type { Note, Store } from '../../src/store/store.ts';

/** All notes of one pass for one target. */
export async function notesOf(
  { journal }: Pick<Store, 'journal'>,
  pass: number,
  target: string,
): Promise<readonly Note[]> {
  const notes: Note[] = [];
  for await (const note of journal.allNotes(pass, target)) notes.push(note);
  return notes;
}

import { createHash } from 'node:crypto';
import type { JournalView } from '../../store/store.ts';

/**
 * The id of a plan: a digest of its operations in their order, including held ones. Plans with the same id execute the
 * same operations, so a plan needs no file: `sync --plan ID` plans again and refuses a different result.
 */
export async function planId(journal: JournalView, pass: number, targets: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const target of [...targets].sort()) {
    hash.update(`${JSON.stringify(target)}\n`);
    for await (const { text } of journal.operationTexts(pass, target, 0)) hash.update(`${text}\n`);
  }
  return shortId(hash.digest('hex'));
}

/**
 * Digest of the operations that the guard holds at a target in round 0; undefined: it holds none. Other operations may
 * change between the approval of a plan and the pass that uses it.
 */
export async function heldDigest(journal: JournalView, pass: number, target: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  let isHeld = false;
  for await (const { state, text } of journal.operationTexts(pass, target, 0)) {
    if (state !== 'held') continue;
    isHeld = true;
    hash.update(`${text}\n`);
  }
  return isHeld ? hash.digest('hex') : undefined;
}

/**
 * The id of what the guard holds at a target; undefined: nothing. It stays the same while a pass carries out other
 * operations, and so changes the id of the plan.
 */
export async function holdId(...of: Parameters<typeof heldDigest>): Promise<string | undefined> {
  const digest = await heldDigest(...of);
  return digest === undefined ? undefined : shortId(digest);
}

/** The part of a digest that an operator types. */
export const shortId = (digest: string): string => digest.slice(0, 12);

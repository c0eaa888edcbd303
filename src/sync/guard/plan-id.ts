import { createHash, type Hash } from 'node:crypto';
import type { Operation } from '../../model/operation.ts';
import type { JournalView, StoredOperation } from '../../store/store.ts';

/**
 * The id of a plan: a digest of its operations in their order, including held ones. Plans with the same id execute the
 * same operations, so a plan needs no file: `sync --plan ID` plans again and refuses a different result.
 */
export async function planId(journal: JournalView, pass: number, targets: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const target of [...targets].sort()) {
    hash.update(`${JSON.stringify(target)}\n`);
    for await (const stored of journal.allOperations(pass, target, 0)) updateWith(hash, stored);
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
  for await (const stored of journal.allOperations(pass, target, 0)) {
    if (stored.state !== 'held') continue;
    isHeld = true;
    updateWith(hash, stored);
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

const updateWith = (hash: Hash, { operation, phase, wave }: StoredOperation): void => {
  hash.update(`${JSON.stringify([phase, wave, comparable(operation)])}\n`);
};

/** The operation without its reason, which is text for the operator and changes nothing. */
function comparable(operation: Operation): unknown {
  const { reason: _, ...rest } = operation;
  return rest;
}

import { createHash } from 'node:crypto';
import type { Operation } from '../model/operation.ts';
import type { Journal } from '../store/store.ts';

/**
 * The id of a plan: a digest of its operations in their order, including held ones. Plans with the same id execute the
 * same operations, so a plan needs no file: `sync --plan ID` plans again and refuses a different result.
 */
export async function planId(journal: Journal, pass: number, targets: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const target of [...targets].sort()) {
    hash.update(`${JSON.stringify(target)}\n`);
    for await (const { operation, phase, wave } of journal.allOperations(pass, target, 0)) {
      hash.update(`${JSON.stringify([phase, wave, comparable(operation)])}\n`);
    }
  }
  return hash.digest('hex').slice(0, 12);
}

/** The operation without its reason, which is text for the operator and changes nothing. */
function comparable(operation: Operation): unknown {
  const { reason: _, ...rest } = operation;
  return rest;
}

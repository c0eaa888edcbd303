import type { Operation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Addressed, Effort } from './addressed.ts';
import { find } from './lookup.ts';
import type { Voice } from './voice.ts';

/** Finds out whether a create that was never answered took effect. Only looks. */
export async function claim(
  { exchange, profile }: Voice,
  { paths, owner }: Addressed,
  { kind, key, body }: Extract<Operation, { action: 'claim' }>,
  effort: Effort,
): Promise<Outcome> {
  const lookup = await find(exchange, profile, { kind, body, paths, owner }, effort);
  switch (lookup.kind) {
    case 'found': {
      const holder = owner(kind, lookup.found.remoteId);
      if (holder === undefined || holder === key) return { kind: 'adopted', status: 200, found: lookup.found };
      return {
        kind: 'gone',
        status: 404,
        detail: `the create did not take effect: its ${lookup.by} is that of the account of key ${holder}`,
      };
    }
    case 'none':
      return { kind: 'gone', status: 404, detail: 'the create did not take effect' };
    default:
      return { kind: 'unknown', detail: `whether the create took effect cannot be found out: ${lookup.detail}` };
  }
}

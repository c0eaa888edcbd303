import { isDeepStrictEqual } from 'node:util';
import type { Judgement } from '../../model/reading/judgement.ts';
import { keyInForm } from '../../model/reading/key-form.ts';
import { resourceTypes } from '../../model/resource-type.ts';
import { judgeKeyForm, keyMoves, type KeyCluster } from '../../plan/key-form.ts';
import type { PassInputs, SourceSpec } from '../context.ts';
import type { ReadingTransaction } from '../../store/store.ts';
import { requireAccepted } from './require-accepted.ts';

/** What moving keys needs. Without `keyChanges`, no account is known by the keys, and none moves. */
export interface KeyFormDeps extends Pick<PassInputs, 'clock' | 'emit'> {
  readonly store: Pick<ReadingTransaction, 'mirror'> & {
    readonly keyChanges: ReadingTransaction['keyChanges'] | undefined;
  };
}

/**
 * Moves the keys of the state to the configured form, where the last reading had another one. Accounts, memberships and
 * history keep their owners, and no target gets a request: the externalId at a target stays as it was sent.
 *
 * Groups that come from a column have names and no keys.
 *
 * @throws ImplausibleReading if several records of the source would have one key, and the operator does not accept it
 */
export async function applyKeyForm(
  { store: { mirror, keyChanges }, clock, emit }: KeyFormDeps,
  { source, keyForm = [], groupsFromColumn }: SourceSpec,
  acceptImplausible: boolean,
): Promise<readonly Judgement[]> {
  const last = await mirror.last();
  if (last === undefined || keyForm.length === 0 || keyChanges === undefined) return [];
  if (isDeepStrictEqual([...keyForm].sort(), [...(last.facts.keyForm ?? [])].sort())) return [];
  const at = clock.now();
  const collisions: KeyCluster[] = [];
  for (const resourceType of resourceTypes) {
    if (resourceType === 'Group' && groupsFromColumn) continue;
    const clusters = await keyChanges.keysNotInForm(resourceType, (key) => keyInForm(key, keyForm));
    const result = keyMoves(clusters, at);
    collisions.push(...result.collisions);
    if (result.moves.length === 0) continue;
    await keyChanges.moveKeys(resourceType, result.moves, at);
    const moved = result.moves.length;
    emit({
      type: 'relinked',
      ...(resourceType === 'User' ? { users: moved, groups: 0 } : { users: 0, groups: moved }),
    });
  }
  const judgements = judgeKeyForm(collisions);
  requireAccepted(judgements, { label: source.label, emit, acceptImplausible });
  return judgements;
}

import { isDeepStrictEqual } from 'node:util';
import type { Judgement } from '../../model/reading/judgement.ts';
import { keyInForm } from '../../model/reading/key-form.ts';
import { resourceTypes } from '../../model/resource-type.ts';
import { judgeKeyForm, keyMoves, type KeyCluster } from '../../plan/key-form.ts';
import type { PlanDeps, SourceSpec } from '../context.ts';
import { requireAccepted } from './require-accepted.ts';

/**
 * Moves the keys of the state to the configured form, where the last reading had another one. Accounts, memberships and
 * history keep their owners, and no target gets a request: the externalId at a target stays as it was sent.
 *
 * Groups that come from a column have names and no keys.
 *
 * @throws ImplausibleReading if several records of the source would have one key, and the operator does not accept it
 */
export async function applyKeyForm(
  { store, clock, emit }: Pick<PlanDeps, 'store' | 'clock' | 'emit'>,
  { source, keyForm = [], groupsFromColumn }: SourceSpec,
  acceptImplausible: boolean,
): Promise<readonly Judgement[]> {
  const last = await store.mirror.last();
  if (last === undefined || keyForm.length === 0) return [];
  if (isDeepStrictEqual([...keyForm].sort(), [...(last.facts.keyForm ?? [])].sort())) return [];
  const at = clock.now();
  const collisions: KeyCluster[] = [];
  for (const resourceType of resourceTypes) {
    if (resourceType === 'Group' && groupsFromColumn) continue;
    const clusters = await store.keyChanges.keysNotInForm(resourceType, (key) => keyInForm(key, keyForm));
    const result = keyMoves(clusters, at);
    collisions.push(...result.collisions);
    if (result.moves.length === 0) continue;
    await store.keyChanges.moveKeys(resourceType, result.moves, at);
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

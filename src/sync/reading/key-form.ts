import { isDeepStrictEqual } from 'node:util';
import type { Judgement } from '../../model/reading/judgement.ts';
import { keyInForm, type KeyForm } from '../../model/reading/key-form.ts';
import { resourceTypes } from '../../model/resource-type.ts';
import { judgeKeyForm, keyMoves, type KeyCluster } from '../../plan/key-form.ts';
import type { SourceSpec } from '../context.ts';
import type { ReadDeps } from './reading-context.ts';
import type { ReadingTransaction } from '../../store/store.ts';
import { requireAccepted } from './require-accepted.ts';

/**
 * Moves the keys of the state to the configured form, where the last reading had another one. Accounts, memberships and
 * history keep their owners, and no target gets a request: the externalId at a target stays as it was sent. It is a
 * transaction of its own before the reading, whose rows are compared with the moved keys. A reading that is not
 * accepted afterwards leaves them moved: they name the same records, and no target sees them.
 *
 * Groups that come from a column have names and no keys.
 *
 * @throws ImplausibleReading if several records of the source would have one key, and the operator does not accept it
 */
export async function applyKeyForm(
  deps: ReadDeps,
  spec: SourceSpec,
  acceptImplausible: boolean,
): Promise<readonly Judgement[]> {
  const { store } = deps;
  const { keyForm = [] } = spec;
  const last = await store.mirror.last();
  if (last === undefined || keyForm.length === 0 || store.keyChanges === undefined) return [];
  if (isDeepStrictEqual([...keyForm].sort(), [...(last.facts.keyForm ?? [])].sort())) return [];
  return store.reading(async ({ keyChanges }) =>
    keyChanges === undefined ? [] : moveKeys(deps, spec, keyForm, keyChanges, acceptImplausible),
  );
}

async function moveKeys(
  { clock, emit }: ReadDeps,
  { source, groupsFromColumn }: SourceSpec,
  keyForm: KeyForm,
  keyChanges: ReadingTransaction['keyChanges'],
  acceptImplausible: boolean,
): Promise<readonly Judgement[]> {
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

import type { Instant } from '../model/ids.ts';
import type { Judgement } from '../model/reading/judgement.ts';

/** Keys of the state that are one key in the configured form. */
export interface KeyCluster {
  readonly form: string;
  readonly keys: readonly ClusterKey[];
}

interface ClusterKey {
  readonly key: string;
  /** The record is in the source, as last read. */
  readonly isPresent: boolean;
  readonly hasAccount: boolean;
}

/** What `keyForm` does to the keys of the state. */
export interface KeyMoves {
  readonly moves: readonly { readonly from: string; readonly to: string }[];
  /** Keys of which several records are in the source: only one of them keeps the form. */
  readonly collisions: readonly KeyCluster[];
}

/**
 * Moves the keys of the state to their form, so that a reading in that form creates and removes no account.
 *
 *     one key                        moves to the form
 *     several, one in the source     that one moves; a leaver with the key of the form gets a key that no source has
 *     several in the source          a collision: the one with an account moves, the others are leavers
 */
export function keyMoves(clusters: readonly KeyCluster[], at: Instant): KeyMoves {
  const moves: { readonly from: string; readonly to: string }[] = [];
  for (const { form, keys } of clusters) {
    const [first, ...others] = keys.toSorted(
      (one, other) => rankOf(other, form) - rankOf(one, form) || (one.key < other.key ? -1 : 1),
    );
    if (first === undefined || first.key === form) continue;
    moves.push({ from: first.key, to: form });
    const replaced = others.find(({ key, hasAccount }) => key === form && hasAccount);
    if (replaced !== undefined) moves.push({ from: replaced.key, to: `${form} (until ${new Date(at).toISOString()})` });
  }
  return { moves, collisions: clusters.filter(({ keys }) => keys.filter(({ isPresent }) => isPresent).length > 1) };
}

const rankOf = ({ key, isPresent, hasAccount }: ClusterKey, form: string): number =>
  (isPresent ? 4 : 0) + (hasAccount ? 2 : 0) + (key === form ? 1 : 0);

const maxShown = 5;

/** Keys that `keyForm` would join are refused: they may belong to different people. */
export function judgeKeyForm(collisions: readonly KeyCluster[]): readonly Judgement[] {
  if (collisions.length === 0) return [];
  const shown = collisions.slice(0, maxShown).map(({ keys }) => keys.map(({ key }) => key).join(' and '));
  const rest = collisions.length > maxShown ? ` and ${collisions.length - maxShown} more` : '';
  return [
    {
      code: 'source.keysCollide',
      subject: 'keyForm',
      numbers: { keys: collisions.length },
      reason:
        `by "keyForm", ${shown.join(', ')}${rest} are one key each, and the state has them as different records. ` +
        'Correct the source or keyForm first; if they are the same people, one account of each is removed',
      refused: true,
    },
  ];
}

import type { SourceKey } from '../model/ids.ts';

/** An operation needs a name that another account of the snapshot holds when the plan begins. */
export interface NameConflict {
  /** The record that needs the name. */
  readonly key: SourceKey;
  /** The record whose account holds the name. */
  readonly holder: SourceKey;
}

/**
 * What the plan does with an account that holds a requested name. `shares`: the source gives the name to this group,
 * too, which is no conflict: a displayName need not be unique (RFC 7643 section 4.2).
 */
export type HolderPlan = 'renamed' | 'deleted' | 'departed' | 'stays' | 'shares';

/** The result of `renameOrder`. */
export interface RenameOrder {
  /** Wave of each rename: after the wave of the account that holds the name. */
  readonly waves: ReadonlyMap<SourceKey, number>;
  /**
   * Accounts that get a temporary name first: leavers who stay as inactive accounts, groups that left the source and
   * stay without members, and one account of each ring.
   */
  readonly renameTemporarily: readonly SourceKey[];
  /** Records that cannot have the name because its holder keeps it, with that holder. */
  readonly refused: ReadonlyMap<SourceKey, SourceKey>;
}

/**
 * The order in which names change hands.
 *
 *     chain   A takes B's, B takes C's, C something new      C, then B, then A
 *     ring    A takes B's, B takes A's                       temporary name for A, then B, then A
 *     leaver  A takes the name of B, who is inactive now     temporary name for B, then A
 */
export function renameOrder(
  conflicts: readonly NameConflict[],
  planOf: (holder: SourceKey) => HolderPlan,
): RenameOrder {
  const holderOf = new Map(conflicts.map(({ key, holder }) => [key, holder]));
  const waves = new Map<SourceKey, number>();
  const renameTemporarily = new Set<SourceKey>();
  const refused = new Map<SourceKey, SourceKey>();
  for (const { key, holder } of conflicts) {
    const plan = planOf(holder);
    if (plan === 'departed') renameTemporarily.add(holder);
    if (plan === 'stays') refused.set(key, holder);
  }
  // A refused rename does not release the old name, so renames that need it are refused too.
  for (let previousSize = -1; previousSize !== refused.size;) {
    previousSize = refused.size;
    for (const { key, holder } of conflicts) if (refused.has(holder)) refused.set(key, holder);
  }
  // Sorted, so that a ring is always opened at the same account, in whatever order the conflicts come.
  for (const key of conflicts.map((conflict) => conflict.key).sort()) assignWaves(key);
  return { waves, renameTemporarily: [...renameTemporarily], refused };

  function assignWaves(start: SourceKey): void {
    const chain: SourceKey[] = [];
    const onChain = new Set<SourceKey>();
    let current: SourceKey | undefined = start;
    while (current !== undefined && !waves.has(current) && holderOf.has(current) && !refused.has(current)) {
      if (onChain.has(current)) {
        // Opens the ring at this account: once it has a temporary name, its old name is free.
        renameTemporarily.add(current);
        break;
      }
      chain.push(current);
      onChain.add(current);
      current = holderOf.get(current);
    }
    for (const key of chain.reverse()) {
      const holder = holderOf.get(key);
      const isFree = holder === undefined || renameTemporarily.has(holder);
      waves.set(key, isFree ? 1 : (waves.get(holder) ?? 0) + 1);
    }
  }
}

/** A name that no other account uses. An e-mail address stays a valid e-mail address. */
export function temporaryName(name: string, suffix: string): string {
  const atSign = name.indexOf('@');
  return atSign === -1 ? `${name}.left-${suffix}` : `${name.slice(0, atSign)}.left-${suffix}${name.slice(atSign)}`;
}

import type { SourceKey } from '../model/ids.ts';

/** Somebody takes a name that an account of ours holds at this moment. */
export interface NameConflict {
  readonly key: SourceKey;
  readonly holder: SourceKey;
}

/** What a plan does with the holder of a name that somebody else takes. */
export type HolderPlan = 'renamed' | 'deleted' | 'departed' | 'stays';

export interface RenameOrder {
  /** When each taker may go: after everybody whose name it takes. */
  readonly waves: ReadonlyMap<SourceKey, number>;
  /** Who is renamed to a temporary name first: leavers who stay as inactive accounts, and one of every ring. */
  readonly renameTemporarily: readonly SourceKey[];
  /** Who cannot have the name, because its holder keeps it. */
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
  // Who cannot move on does not free a name either.
  for (let previousSize = -1; previousSize !== refused.size;) {
    previousSize = refused.size;
    for (const { key, holder } of conflicts) if (refused.has(holder)) refused.set(key, holder);
  }
  // In one order, so that a ring is opened at the same account whichever way its members were found.
  for (const key of conflicts.map((conflict) => conflict.key).sort()) assignWaves(key);
  return { waves, renameTemporarily: [...renameTemporarily], refused };

  function assignWaves(start: SourceKey): void {
    const chain: SourceKey[] = [];
    const onChain = new Set<SourceKey>();
    let current: SourceKey | undefined = start;
    while (current !== undefined && !waves.has(current) && holderOf.has(current) && !refused.has(current)) {
      if (onChain.has(current)) {
        // The ring is opened at this account: under a temporary name, whoever wants it need not wait for it.
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

/** A name that nobody else wants, made so that an e-mail address stays one. */
export function temporaryName(name: string, suffix: string): string {
  const atSign = name.indexOf('@');
  return atSign === -1 ? `${name}.left-${suffix}` : `${name.slice(0, atSign)}.left-${suffix}${name.slice(atSign)}`;
}

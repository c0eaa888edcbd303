import type { SourceKey } from '../model/ids.ts';

/** Somebody takes a name that an account of ours holds at this moment. */
export interface Claim {
  readonly key: SourceKey;
  readonly holder: SourceKey;
}

/** What a plan does with the holder of a name that somebody else takes. */
export type HolderFate = 'renamed' | 'deleted' | 'departed' | 'stays';

export interface NameOrder {
  /** When each claimant may go: after everybody whose name it takes. */
  readonly waves: ReadonlyMap<SourceKey, number>;
  /** Who is renamed to a parking name first: leavers who stay as inactive accounts, and one of every ring. */
  readonly park: readonly SourceKey[];
  /** Who cannot have the name, because its holder keeps it. */
  readonly refused: ReadonlyMap<SourceKey, SourceKey>;
}

/**
 * The order in which names change hands.
 *
 *     chain   A takes B's, B takes C's, C something new      C, then B, then A
 *     ring    A takes B's, B takes A's                       park A, then B, then A
 *     leaver  A takes the name of B, who is inactive now     park B, then A
 */
export function nameOrder(claims: readonly Claim[], fateOf: (holder: SourceKey) => HolderFate): NameOrder {
  const holderOf = new Map(claims.map(({ key, holder }) => [key, holder]));
  const waves = new Map<SourceKey, number>();
  const park = new Set<SourceKey>();
  const refused = new Map<SourceKey, SourceKey>();
  for (const { key, holder } of claims) {
    const fate = fateOf(holder);
    if (fate === 'departed') park.add(holder);
    if (fate === 'stays') refused.set(key, holder);
  }
  // Who cannot move on does not free a name either.
  for (let before = -1; before !== refused.size;) {
    before = refused.size;
    for (const { key, holder } of claims) if (refused.has(holder)) refused.set(key, holder);
  }
  // In one order, so that a ring is opened at the same account whichever way its members were found.
  for (const key of claims.map((claim) => claim.key).sort()) settleChain(key);
  return { waves, park: [...park], refused };

  function settleChain(start: SourceKey): void {
    const chain: SourceKey[] = [];
    const onChain = new Set<SourceKey>();
    let at: SourceKey | undefined = start;
    while (at !== undefined && !waves.has(at) && holderOf.has(at) && !refused.has(at)) {
      if (onChain.has(at)) {
        // The ring is opened at this account: with its name parked, whoever wants it need not wait for it.
        park.add(at);
        break;
      }
      chain.push(at);
      onChain.add(at);
      at = holderOf.get(at);
    }
    for (const key of chain.reverse()) {
      const holder = holderOf.get(key);
      const free = holder === undefined || park.has(holder);
      waves.set(key, free ? 1 : (waves.get(holder) ?? 0) + 1);
    }
  }
}

/** A name that nobody else wants, made so that an e-mail address stays one. */
export function parkedName(name: string, mark: string): string {
  const at = name.indexOf('@');
  return at === -1 ? `${name}.left-${mark}` : `${name.slice(0, at)}.left-${mark}${name.slice(at)}`;
}

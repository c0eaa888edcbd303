import type { TargetMapping } from '../../desired/target-mapping.ts';
import type { Instant } from '../../model/ids.ts';
import type { Json } from '../../model/resource.ts';
import type { PossibleOwner, TargetStore } from '../../store/store.ts';

const pageSize = 500;

/** How a listing was made. */
export interface ListingFacts {
  readonly isComplete: boolean;
  /**
   * The state knew this target before. If not, it is new or was lost, and leavers of a lost state are among the
   * accounts without an owner.
   */
  readonly hasMemory: boolean;
}

/**
 * Finds the accounts of the listing cache that no record of the source owns. The result does not depend on which of the
 * accounts the pass has already adopted, so it also holds if the pass ends early.
 *
 *     known in the snapshot                                             not an orphan
 *     externalId of a record of the source, present or inactive         not an orphan: the record decides
 *     protected                                                         not an orphan: never changed
 *     another externalId                                                orphan
 *     no externalId, and the userName of a record without an account    not counted: it may be adopted
 *     no externalId                                                     counted only, where the state has no memory
 */
export async function collectOrphans(
  store: Pick<TargetStore, 'orphans' | 'usersWithoutAccount'>,
  mapping: Pick<TargetMapping, 'identify' | 'isProtected'>,
  { isComplete, hasMemory }: ListingFacts,
  at: Instant,
): Promise<void> {
  const { orphans } = store;
  await orphans.beginListing();
  for (let after: number | undefined = 0; after !== undefined;) {
    const { page, next }: Awaited<ReturnType<TargetStore['usersWithoutAccount']>> = await store.usersWithoutAccount(
      after,
      pageSize,
    );
    await orphans.leaveOut(page.map((record) => ownerOf(mapping.identify(record))));
    after = next;
  }
  for (let after = ''; ;) {
    const page = await orphans.candidates(after, pageSize);
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.remoteId;
    for (const { body, remoteId } of page)
      if (mapping.isProtected(body) !== false) await orphans.leaveOutAccount(remoteId);
  }
  await orphans.commitListing(at, isComplete, !hasMemory);
}

function ownerOf(identity: Readonly<Record<string, Json>>): PossibleOwner {
  const text = (value: Json | undefined): string | undefined =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  return { externalId: text(identity['externalId']), userName: text(identity['userName']) };
}

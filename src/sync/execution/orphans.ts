import type { TargetMapping } from '../../desired/target-mapping.ts';
import { sourceKey, type Instant } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { Json } from '../../model/resource.ts';
import type { PossibleOwner, ComparedTarget } from '../../store/store.ts';
import { addGroupsFor } from '../user-groups/add-groups.ts';

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

/** Whether the state knew this target before it is listed. */
export const hasMemoryOf = async (store: Pick<ComparedTarget, 'totals' | 'state'>): Promise<boolean> =>
  (await store.totals()).users > 0 || (await store.state()).listedAt !== undefined;

/**
 * Finds the accounts of the listing cache that no record of the source owns. The result does not depend on which of the
 * accounts the pass has already adopted, so it also holds if the pass ends early.
 *
 *     known in the snapshot                                             not an orphan
 *     externalId of a record of the source, present or inactive         not an orphan: the record decides
 *     that externalId in another form of the key (`keyForm`)            not an orphan
 *     protected                                                         not an orphan: never changed
 *     another externalId                                                orphan
 *     no externalId, and the userName of a record without an account    not counted: it may be adopted
 *     no externalId                                                     counted only, where the state has no memory
 */
export async function collectOrphans(
  store: OrphanStore,
  mapping: OrphanMapping,
  { isComplete, hasMemory }: ListingFacts,
  at: Instant,
): Promise<void> {
  await leaveOutOwned(store, mapping);
  await store.orphans.commitListing(at, isComplete, !hasMemory);
}

type OrphanStore = Pick<ComparedTarget, 'orphans' | 'usersWithoutAccount' | 'userGroups' | 'candidate'>;
type OrphanMapping = Pick<TargetMapping, 'identify' | 'isProtected' | 'groupRules' | 'canonicalKey'>;

/** The orphans of the listing cache, for a dry run: those of the state stay as they are. */
export async function* orphansInListing(store: OrphanStore, mapping: OrphanMapping): AsyncGenerator<RemoteResource> {
  await leaveOutOwned(store, mapping);
  for (let after = ''; ;) {
    const page = await store.orphans.candidates(after, pageSize);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.remoteId;
  }
}

async function leaveOutOwned(store: OrphanStore, mapping: OrphanMapping): Promise<void> {
  const { orphans } = store;
  const addGroups = addGroupsFor(mapping, () => store.userGroups.openLookup());
  await orphans.beginListing();
  for (let after: number | undefined = 0; after !== undefined;) {
    const { page, next }: Awaited<ReturnType<ComparedTarget['usersWithoutAccount']>> = await store.usersWithoutAccount(
      after,
      pageSize,
    );
    await orphans.leaveOut((await addGroups(page)).map((record) => ownerOf(mapping.identify(record))));
    after = next;
  }
  for (let after = ''; ;) {
    const page = await orphans.candidates(after, pageSize);
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.remoteId;
    for (const { body, remoteId } of page)
      if (mapping.isProtected(body) !== false || (await hasRecord(store, mapping, body['externalId'])))
        await orphans.leaveOutAccount(remoteId);
  }
}

/** Whether an externalId is the key of a record in another form. Equal ones were left out before. */
async function hasRecord(
  store: Pick<ComparedTarget, 'candidate'>,
  { canonicalKey }: Pick<TargetMapping, 'canonicalKey'>,
  externalId: Json | undefined,
): Promise<boolean> {
  if (canonicalKey === undefined || typeof externalId !== 'string') return false;
  return (await store.candidate('User', sourceKey(canonicalKey(externalId)))).record !== undefined;
}

function ownerOf(identity: Readonly<Record<string, Json>>): PossibleOwner {
  const text = (value: Json | undefined): string | undefined =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  return { externalId: text(identity['externalId']), userName: text(identity['userName']) };
}

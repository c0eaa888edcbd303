import type { KnownState } from '../../model/resource.ts';
import type { ComparedTarget } from '../../store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';
import type { ListingResult } from '../execution/listings.ts';

/** Neither is an account known that a list should show, nor does the pass create one: nothing supports the list. */
export async function isWithoutControl(
  { store, journal }: Pick<ExecutionDeps, 'store' | 'journal'>,
  { pass, spec }: Pick<ExecutionRound, 'pass' | 'spec'>,
): Promise<boolean> {
  if ((await store.totals()).users > 0) return false;
  return (await journal.countCreates(pass, spec.name, 0, 'User')) === 0;
}

/**
 * Whether the list omits an account that the target holds for certain: such a list proves nothing.
 *
 * @param origins `all`: before anything is sent. What the pass creates is not in the list that was read before.
 */
export async function omitsKnownAccounts(
  { listingCache }: Pick<ComparedTarget, 'listingCache'>,
  origins: 'all' | 'adopted',
): Promise<boolean> {
  for await (const page of unlistedUsers(listingCache))
    if (page.some(({ active, origin }) => active && (origins === 'all' || origin === 'adopted'))) return true;
  return false;
}

/**
 * Why a list that was read before the creates of the pass proves nothing about users whom it does not show: an empty
 * replica, or a list that works for some accounts only, looks like the list of a new target.
 *
 *     accounts of the snapshot          verdict
 *     an adopted one was not listed     in doubt
 *     one of them was listed            plausible
 *     no account is known               in doubt
 *     all were created by this pass     one page is listed again: plausible if it counts more accounts than the first
 *                                       list, and no more than the first list and the creates together
 *
 * @returns undefined where the list is plausible
 */
export async function doubtAboutFirstList(
  { store, target }: Pick<ExecutionDeps, 'store' | 'target'>,
  { mapping }: Pick<ExecutionRound, 'mapping'>,
  { found }: Pick<ListingResult, 'found'>,
  stop: AbortSignal,
): Promise<string | undefined> {
  // Creates of the pass may have found accounts that the list omits.
  if (await omitsKnownAccounts(store, 'adopted')) return 'its list omits accounts that it holds';
  const { users } = await store.totals();
  let created = 0;
  for await (const page of unlistedUsers(store.listingCache)) created += page.length;
  if (created < users) return undefined;
  if (users === 0) return `its list has ${found} accounts, and no account is known that it should show`;
  const total = await countListed(target, mapping.paths('User'), stop);
  if (total === undefined) return 'its list does not state the number of its accounts';
  return total > found && total <= found + created
    ? undefined
    : `its list had ${found} accounts before ${created} were created, and has ${total} now`;
}

async function* unlistedUsers(
  listingCache: Pick<ComparedTarget['listingCache'], 'unlisted'>,
): AsyncGenerator<readonly KnownState[]> {
  for (let after: number | undefined = 0; after !== undefined;) {
    const { page, next }: Awaited<ReturnType<typeof listingCache.unlisted>> = await listingCache.unlisted(
      'User',
      after,
      pageSize,
    );
    yield page;
    after = next;
  }
}

const pageSize = 500;

/** The number of users that the target states with the first page of its list. */
async function countListed(
  target: Pick<ExecutionDeps['target'], 'listBack'>,
  paths: readonly string[],
  stop: AbortSignal,
): Promise<number | undefined> {
  const pages = target.listBack(paths, 1, stop);
  let rows = 0;
  for (let step = await pages.next(); ; step = await pages.next()) {
    if (step.done === true) return step.value.total ?? (step.value.complete ? rows : undefined);
    rows += step.value.length;
  }
}

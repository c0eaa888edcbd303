import type { RemoteId, SourceKey } from '../../../model/ids.ts';
import type { Member, Operation } from '../../../model/operation.ts';
import { managerPath } from '../../../model/path.ts';
import { recordKey, type RecordKey } from '../../../model/record-key.ts';
import { sourceKey } from '../../../model/ids.ts';
import type { ResourceType } from '../../../model/resource-type.ts';
import type {
  PageOptions,
  PagePosition,
  RoundOfPass,
  Serving,
  StoredOperation,
  WorkPage,
} from '../../../store/store.ts';
import type { ExecutionRound, TargetSpec } from '../../context.ts';
import type { Ledger } from './ledger.ts';

/** The pages of work of one round, completed with what its responses have shown since. */
export interface Work {
  /** The next operations of a wave. */
  next(position: PagePosition): Promise<WorkPage>;
  /** What these operations need now. */
  of(operations: readonly StoredOperation[]): Promise<WorkPage>;
  /**
   * The record has an account now. Users who manage each other are created in one wave, so an id that is missing when
   * the page is read may be known when its operation begins.
   */
  created(resourceType: ResourceType, key: SourceKey, id: RemoteId): void;
  /** All responses of the pages so far are saved, and no operation of them is left. */
  settled(): void;
}

/** Enough that an addition which removes the other members of its group is noticed. */
export const maxWitnesses = 3;

/** What the requests of a target need besides ids. */
export function pageOptions({ profile, verification }: Pick<TargetSpec, 'profile' | 'verification'>): PageOptions {
  const isSampled = verification.firstWrites > 0 || verification.writesShare > 0;
  return {
    withNames: profile.protocol.memberSubAttributes.includes('display'),
    witnesses: isSampled ? maxWitnesses : 0,
  };
}

/** Opens the work of a round. Reads nothing yet. */
export function openWork(
  serving: Pick<Serving, 'nextPage' | 'pageOf'>,
  ledger: Pick<Ledger, 'flush'>,
  { pass, round, spec }: Pick<ExecutionRound, 'pass' | 'round' | 'spec'>,
): Work {
  const options = pageOptions(spec);
  const scope: RoundOfPass = { pass, round };
  /** Ids of accounts that the state may not have shown to the last page. */
  const recent = new Map<RecordKey, RemoteId>();
  /** Pages that need the ids of records without an account, with these records. */
  const incomplete = new Map<Map<RecordKey, RemoteId>, ReadonlySet<RecordKey>>();

  async function read(pageOfState: () => Promise<WorkPage>): Promise<WorkPage> {
    recent.clear();
    const page = await pageOfState();
    const missing = new Set(
      page.operations
        .flatMap(({ operation }) => referencesOf(operation, page))
        .map(recordKey)
        .filter((record) => !page.ids.has(record)),
    );
    if (missing.size === 0) return page;
    const ids = new Map(page.ids);
    for (const record of missing) {
      const id = recent.get(record);
      if (id !== undefined) ids.set(record, id);
    }
    incomplete.set(ids, missing);
    return { ...page, ids };
  }

  return {
    async next(position) {
      // The results of a wave do not concern its other operations, so no commit is needed for them.
      if (position.wave === 'next') await ledger.flush();
      return read(() => serving.nextPage(scope, position, options));
    },
    async of(operations) {
      await ledger.flush();
      return read(() => serving.pageOf(pass, operations, options));
    },
    created(resourceType, key, id) {
      const record = recordKey({ resourceType, key });
      recent.set(record, id);
      for (const [ids, missing] of incomplete) if (missing.has(record)) ids.set(record, id);
    },
    settled() {
      incomplete.clear();
    },
  };
}

/** Records that a request may name by their ids: members, and managers as planned and as known. */
function referencesOf(operation: Operation, { known }: Pick<WorkPage, 'known'>): readonly Member[] {
  if (operation.action === 'members') return [...operation.remove, ...operation.add];
  const planned = 'body' in operation ? operation.body[managerPath] : undefined;
  const current = known.get(recordKey(operation))?.body[managerPath];
  return [planned, current]
    .filter((key) => typeof key === 'string')
    .map((key): Member => ({ resourceType: 'User', key: sourceKey(key) }));
}

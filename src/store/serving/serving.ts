import type { Db } from '../database.ts';
import type { SqliteTargetStore } from '../snapshot/target-store.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';
import { openResults } from './save-results.ts';
import type { ForeignAccount, Serving } from './serving-interface.ts';
import { openWorkPages } from './work-page.ts';

/** Serves the execution at one target from the SQLite file. */
export function openServing(db: Db, commits: GroupCommit, store: SqliteTargetStore): Serving {
  const pages = openWorkPages(db, store.id);
  const write = openResults(db, store);
  return {
    async nextPage(round, position, options) {
      return pages.nextPage(round, position, options);
    },
    async pageOf(pass, operations, options) {
      return pages.pageOf(pass, operations, options);
    },
    async save(pass, results) {
      let foreign: readonly ForeignAccount[] = [];
      await commits.write(() => {
        foreign = write(pass, results);
      });
      return foreign;
    },
    async owners(accounts) {
      return accounts.map(({ resourceType, id }) => store.snapshot.owner(resourceType, id));
    },
    async membersOf(group, withNames) {
      return pages.membersOf(group, withNames);
    },
    async controlAccounts(pass, limit) {
      return pages.controlAccounts(pass, limit);
    },
  };
}

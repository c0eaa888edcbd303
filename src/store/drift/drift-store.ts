import type { Db } from '../database.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';
import { openDriftAccounts } from './drift-accounts.ts';
import { openDriftFindings } from './drift-findings.ts';
import type { DriftStore } from './drift-interface.ts';

/** Opens the comparison of one target with the snapshot. */
export const openDriftStore = (db: Db, commits: GroupCommit, target: number): DriftStore => ({
  ...openDriftAccounts(db, commits, target),
  ...openDriftFindings(db, commits, target),
});

import { formatTime } from '../../model/time.ts';
import type { DriftStatus } from '../../store/drift/drift-status.ts';
import type { DriftRecord, Orphan } from '../../store/store.ts';
import type { DriftReport } from '../../sync/drift/drift-report.ts';

type JsonLine = Readonly<Record<string, unknown>>;

/** A difference for `--json`. */
export const driftLine = (drift: DriftRecord): JsonLine => ({
  ...{ type: 'drift', target: drift.target, kind: drift.kind, resource: drift.resourceType },
  ...{ key: drift.key, name: drift.name, id: drift.remoteId },
  ...(drift.path === '' ? {} : { path: drift.path }),
  ...(drift.member === undefined
    ? {}
    : {
        member: {
          id: drift.member.id,
          resource: drift.member.owner?.resourceType ?? null,
          key: drift.member.owner?.key ?? null,
        },
      }),
  ...{ from: drift.acknowledged, to: drift.shown, policy: drift.policy },
  ...(drift.held === undefined ? {} : { held: drift.held }),
  found: formatTime(drift.foundAt),
});

/** An account that no record of the source owns, as a difference for `--json`. */
export const orphanDriftLine = (
  target: string,
  { externalId, userName, remoteId, isActive, listedAt }: Orphan,
): JsonLine => ({
  ...{ type: 'drift', target, kind: 'orphan', resource: 'User', key: externalId, name: userName, id: remoteId },
  ...{ from: null, to: { id: remoteId, active: isActive }, policy: 'report', found: formatTime(listedAt) },
});

/** What a check of one target did, for `--json`. */
export const driftSummaryLine = ({ target, counts, ...report }: DriftReport): JsonLine => ({
  ...{ type: 'summary', target, counts, compared: report.compared, unproven: report.unproven },
  ...{ unprovenReason: report.unprovenDetail ?? null, notShown: report.hiddenPaths, requests: report.requests },
  ...{ complete: report.isComplete, unavailable: report.unavailable ?? null },
});

/** What `status --json` shows of a target. */
export const driftStatusLine = ({ counts, comparedAt, runningSince }: DriftStatus): JsonLine => ({
  counts,
  compared: comparedAt === undefined ? null : formatTime(comparedAt),
  running: runningSince === undefined ? null : formatTime(runningSince),
});

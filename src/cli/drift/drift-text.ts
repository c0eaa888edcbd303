import { formatTime } from '../../model/time.ts';
import { driftKinds, type DriftKind, type DriftHold } from '../../model/target/drift.ts';
import type { DriftRecord, NameAtTarget, Orphan } from '../../store/store.ts';
import type { DriftReport } from '../../sync/drift/drift-report.ts';
import { plural } from '../print/format.ts';

/** "app: ada@corp.example (4711): title is "Boss" at the target, and was acknowledged as "Nurse"". */
export const driftText = (drift: DriftRecord, nameAtTarget: NameAtTarget): string =>
  `${drift.target}: ${subjectText(drift)}: ${differenceText(drift, nameAtTarget)}${policyText(drift)}`;

/** "differs since 2026-…: title is "Boss"; the target acknowledged "Nurse"", about a known record and target. */
export const openDriftText = (drift: DriftRecord, nameAtTarget: NameAtTarget): string =>
  `differs since ${formatTime(drift.foundAt)}: ${differenceText(drift, nameAtTarget)}${policyText(drift)}`;

/** An account that no record of the source owns. */
export const orphanDriftText = (target: string, { externalId, userName, remoteId }: Orphan): string =>
  `${target}: ${userName === '' ? remoteId : userName} (externalId ${externalId}): no record of the source has this ` +
  `externalId; "scimsync orphans --target ${target}" deals with it`;

function subjectText({ resourceType, key, name }: DriftRecord): string {
  const noun = resourceType === 'Group' ? 'group ' : '';
  return name === '' || name === key ? `${noun}${key}` : `${noun}${name} (${key})`;
}

/** What differs, without the subject. */
function differenceText(drift: DriftRecord, nameAtTarget: NameAtTarget): string {
  const { kind, path, acknowledged, shown, remoteId, target } = drift;
  switch (kind) {
    case 'reactivated':
      return `the account ${remoteId} is active again, although its access was removed`;
    case 'changed':
      return shown === null
        ? `${path} is gone; the target acknowledged ${JSON.stringify(acknowledged)}`
        : `${path} is ${JSON.stringify(shown)}; the target acknowledged ${JSON.stringify(acknowledged)}`;
    case 'memberAdded':
      return `has the member ${memberText(drift, nameAtTarget)}, which scimsync did not add`;
    case 'memberRemoved':
      return `lacks the member ${memberText(drift, nameAtTarget)}`;
    case 'deleted':
      return typeof shown === 'string'
        ? `${remoteId} is gone; the target has ${shown} in its place`
        : `${remoteId} is gone: neither a read nor a look-up finds it`;
    case 'twin':
      return (
        `the user has a second account, ${remoteId}; compare it with ${JSON.stringify(acknowledged)} ` +
        'in the application, and remove one of them there. If it belongs to another person, correct its ' +
        'externalId. If the key of the user changed, see "scimsync relink"; if no record has its externalId, ' +
        `"scimsync orphans --target ${target}"`
      );
  }
}

function memberText({ target, member }: DriftRecord, nameAtTarget: NameAtTarget): string {
  if (member?.owner === undefined) return `${member?.id ?? ''} (no record owns this account)`;
  const { resourceType, key } = member.owner;
  const name = nameAtTarget(target, resourceType, key);
  return name === undefined || name === key ? key : `${name} (${key})`;
}

const holdTexts: Readonly<Record<DriftHold, string>> = {
  frozen: 'not repaired: the user is frozen',
  protected: 'not repaired: the account is protected',
  kept: 'not repaired again: the target kept this value after a repair',
};

function policyText({ policy, held, repairAt }: DriftRecord): string {
  if (held !== undefined) return `; ${holdTexts[held]}`;
  if (policy === 'report') return '';
  return repairAt === undefined ? ' [repair]' : ` [repair, since ${formatTime(repairAt)}]`;
}

const kindTexts: Readonly<Record<DriftKind, (count: number) => string>> = {
  reactivated: (count) => `${plural(count, 'reactivated leaver')}`,
  changed: (count) => `${plural(count, 'changed attribute')}`,
  memberAdded: (count) => `${plural(count, 'added member')}`,
  memberRemoved: (count) => `${plural(count, 'removed member')}`,
  deleted: (count) => `${plural(count, 'deleted account or group', 'deleted accounts or groups')}`,
  ['twin']: (count) => `${plural(count, 'second account')}`,
  orphan: (count) => `${plural(count, 'orphan')}`,
};

/** "2 reactivated leavers, 1 changed attribute"; undefined: there are no differences. */
export function driftCountsText(counts: Readonly<Partial<Record<DriftKind, number>>>): string | undefined {
  const parts = driftKinds.flatMap((kind) => {
    const count = counts[kind] ?? 0;
    return count === 0 ? [] : [kindTexts[kind](count)];
  });
  return parts.length === 0 ? undefined : parts.join(', ');
}

/** What a check of one target did, for a terminal. */
export function driftSummaryText(report: DriftReport): readonly string[] {
  const { target, counts, compared, requests, unproven, unprovenDetail, hiddenPaths, unavailable, isComplete } = report;
  const found = driftCountsText(counts);
  return [
    `${target}: compared ${plural(compared, 'account or group', 'accounts and groups')} with ` +
      `${plural(requests, 'request')}: ${found ?? 'the target holds what it acknowledged'}`,
    ...(hiddenPaths.length === 0
      ? []
      : [`  not compared, because the target does not show it: ${hiddenPaths.join(', ')}`]),
    ...(unproven === 0 ? [] : [`  ${plural(unproven, 'read')} proved nothing: ${unprovenDetail ?? ''}`]),
    ...(unavailable === undefined ? [] : [`  ended early: ${unavailable}`]),
    ...(isComplete || unavailable !== undefined ? [] : ['  not everything was compared']),
  ];
}

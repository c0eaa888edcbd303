import { formatTime } from '../../../model/time.ts';
import type { ApprovalRecord } from '../../../store/store.ts';

/** "ada on hr-box approved plan 7c2b… at 2026-11-28T…: reason". */
export function approvalText({ operator, host, plan, removals, at, reason, outcome }: ApprovalRecord): string {
  const what = [
    ...(plan === undefined ? [] : [`plan ${plan}`]),
    ...(removals === undefined ? [] : [`${removals} removals`]),
  ].join(' and ');
  const why = reason === undefined ? '' : `: ${reason}`;
  const unused = outcome === 'void' ? '; not used, because the pass held other operations or none' : '';
  return `${operator} on ${host} approved ${what === '' ? 'the pass' : what} at ${formatTime(at)}${why}${unused}`;
}

/** The command that approves a hold. */
export const approveCommandLine = (hold: string): string => `scimsync approve ${hold} --reason "…"`;

/** An approval for `--json`. */
export function approvalAsJson(approval: ApprovalRecord): Readonly<Record<string, unknown>> {
  const { operator, host, reason, plan, removals, target, at, outcome, pass } = approval;
  return {
    ...{ by: operator, host, reason: reason ?? null, at: formatTime(at) },
    ...{ plan: plan ?? null, removals: removals ?? null, target: target ?? null },
    ...{ pass: pass ?? null, outcome: outcome ?? 'waiting' },
  };
}

import type { Counts } from '../../model/plan.ts';

const actionTexts: Readonly<Record<keyof Counts, (count: number) => string>> = {
  deactivate: (count) => `deactivate ${count}`,
  delete: (count) => `delete ${count}`,
  removeMembers: (count) => `remove ${count} ${count === 1 ? 'membership' : 'memberships'}`,
  update: (count) => `update ${count}`,
  reactivate: (count) => `reactivate ${count}`,
  create: (count) => `create ${count}`,
  addMembers: (count) => `add ${count} ${count === 1 ? 'membership' : 'memberships'}`,
};

/** "deactivate 2, create 14, add 30 memberships"; "nothing to do" where nothing is. */
export function countsText(counts: Counts): string {
  const parts = (Object.keys(actionTexts) as (keyof Counts)[])
    .filter((action) => counts[action] > 0)
    .map((action) => actionTexts[action](counts[action]));
  return parts.length === 0 ? 'nothing to do' : parts.join(', ');
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** Said where the answer stands, because it is why the exit code is 1. */
export function rejectedText(rows: number): string {
  return `${plural(rows, 'row')} of the source ${rows === 1 ? 'was' : 'were'} rejected, so nobody counts as gone in this pass; the log names ${rows === 1 ? 'it' : 'them'}, mend ${rows === 1 ? 'it' : 'them'} there`;
}

import type { Rules } from '../desired/rules.ts';
import type { SourceKey } from '../model/ids.ts';
import { namePath } from '../model/kind.ts';
import type { SourceRecord } from '../model/record.ts';
import type { Wish } from '../model/resource.ts';
import { departureReason } from '../plan/departure.ts';
import type { Mirror } from '../store/store.ts';

export interface LeftOut {
  /** How many in all. */
  readonly total: number;
  /** The first of them. */
  readonly first: readonly { readonly name: string; readonly reason: string }[];
}

const pageSize = 1000;
const shown = 5;

/** Members that the source gives a group and that a target does not get. */
export async function leftOut(mirror: Mirror, rules: Rules, group: SourceKey): Promise<LeftOut> {
  const first: LeftOut['first'][number][] = [];
  let total = 0;
  for (
    let page = await mirror.membersOf(group, '', pageSize);
    page.length > 0;
    page = await mirror.membersOf(group, page.at(-1) ?? '', pageSize)
  ) {
    for (const key of page) {
      const record = (await mirror.record('User', key)) ?? (await mirror.record('Group', key));
      const reason = reasonOf(record === undefined ? { kind: 'absent', because: 'left' } : rules.wish(record));
      if (reason === undefined) continue;
      total += 1;
      if (first.length < shown) first.push({ name: record === undefined ? key : named(record, rules), reason });
    }
  }
  return { total, first };
}

function reasonOf(wish: Wish): string | undefined {
  switch (wish.kind) {
    case 'present':
      return undefined;
    case 'absent':
      return departureReason(wish.because);
    case 'rejected':
      return `cannot be sent: ${wish.reason}`;
  }
}

/** A key alone would tell nobody who is meant. */
function named(record: SourceRecord, rules: Rules): string {
  const name = rules.explain(record).paths.find(({ path }) => path === namePath(record.kind))?.value;
  return typeof name === 'string' && name !== record.key ? `${name} (${record.key})` : record.key;
}

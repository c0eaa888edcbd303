import type { Db } from '../database.ts';
import { openPackBlock, operationsPerBlock } from './payload-blocks.ts';
import type { RetentionStep } from './retention-interface.ts';

/** Operations that one slice reads: about 10 ms. */
const operationsPerSlice = operationsPerBlock * 16;

interface Row {
  readonly operation: number;
  readonly payload: string;
  readonly isPackable: number;
}

/**
 * Packs what operations set that are done: the edits of an update, the body of a create. The guard counts edits within
 * its window, and a removal that is looked at once more may be sent again: those stay. Only full blocks are written.
 */
export function openPackPayloads(db: Db): RetentionStep {
  const select = db.prepare(`
    select y.operation, coalesce(y.edits, y.body) as payload,
      o.state in ('done', 'adopted')
        and p.ended is not null
        and (y.edits is null or p.ended < :guardFrom)
        and not exists (select 1 from verification v where v.operation = o.id) as isPackable
    from operation_payload y
    join operation o on o.id = y.operation
    join pass p on p.id = o.pass
    where y.operation > :after
    order by y.operation
    limit ${operationsPerSlice}`);
  const packBlock = openPackBlock(db);
  let after = 0;
  return ({ guardFrom }) => {
    const rows = select.all({ after, guardFrom }) as Row[];
    const packable = rows.filter(({ isPackable }) => isPackable === 1);
    const full = packable.length - (packable.length % operationsPerBlock);
    for (let start = 0; start < full; start += operationsPerBlock)
      packBlock(
        packable
          .slice(start, start + operationsPerBlock)
          .map(({ operation, payload }) => [operation, payload] as const),
      );
    const isLast = rows.length < operationsPerSlice;
    // The rest begins the next slice, unless this one could not fill a block.
    after = isLast ? 0 : full === 0 ? (rows.at(-1)?.operation ?? 0) : (packable[full - 1]?.operation ?? 0);
    return !isLast;
  };
}

import { InvariantError } from '../../../model/errors.ts';
import type { Db } from '../../database.ts';
import type { SqliteTargetStore } from '../../snapshot/target-store.ts';
import { openOperations, operationColumns, payloadOf, type OperationRow } from '../operations.ts';
import type { OperationState } from '../stored-operation.ts';
import type { OperationKind, PlanOutline } from './plan-outline-interface.ts';

const pageSize = 500;

/** The members of the operation `o` in the order of their key, as JSON. */
const members = `
  (
    select json_group_array(json_array(resource_type, key, removed, cause))
    from (select * from operation_member where operation = o.id order by removed, resource_type, key)
  )`;

const textOfOperation = `json_array(phase, wave, action, resource_type, key, name, is_recreation, is_start,
  ${payloadOf('o', 'edits')}, ${payloadOf('o', 'body')}, iif(action = 'members', ${members}, null))`;

const kindOfOperation = `o.id, action, resource_type as resourceType, exists (
    select 1
    from operation_member m
    where m.operation = o.id
      and m.removed = 1
  ) as removesMembers`;

interface Position {
  readonly id: number;
  readonly phase: number;
  readonly wave: number;
}

/** Opens what a plan contains, for reading all of it. */
export function openPlanOutline(db: Db, targetOf: (name: string) => SqliteTargetStore): PlanOutline {
  const byId = db.prepare(`select ${operationColumns} from operation where id = ?`);
  const operations = openOperations(db);
  const texts = pagesOf<{ state: OperationState; text: string }>(db, `o.state, ${textOfOperation} as text`);
  const kinds = pagesOf<Omit<OperationKind, 'removesMembers'> & { removesMembers: number }>(db, kindOfOperation);
  return {
    async *operationTexts(pass, target, round) {
      yield* texts([pass, targetOf(target).id, round]);
    },
    async *operationKinds(pass, target, round) {
      for (const row of kinds([pass, targetOf(target).id, round]))
        yield { ...row, removesMembers: row.removesMembers === 1 };
    },
    async operation(id) {
      const row = byId.get(id) as OperationRow | undefined;
      if (row === undefined) throw new InvariantError(`there is no operation ${id}`);
      return operations.read(row);
    },
  };
}

/** Reads the operations of a round in the order of execution. A statement for each page, so that others may write. */
function pagesOf<Row>(db: Db, columns: string) {
  const ofRound = `
    select o.id, phase, wave, ${columns}
    from operation o
    where pass = ?
      and target = ?
      and round = ?`;
  // Two queries: with "(phase, wave, id) > …" SQLite would scan the wave from its beginning for each page.
  const restOfWave = db.prepare(`${ofRound} and phase = ? and wave = ? and o.id > ? order by o.id limit ${pageSize}`);
  const laterWaves = db.prepare(`${ofRound} and (phase, wave) > (?, ?) order by phase, wave, o.id limit ${pageSize}`);
  return function* pages(round: readonly [pass: number, target: number, round: number]): Generator<Position & Row> {
    for (let last: Position = { id: 0, phase: -1, wave: -1 }; ;) {
      let page = restOfWave.all(...round, last.phase, last.wave, last.id) as (Position & Row)[];
      if (page.length === 0) page = laterWaves.all(...round, last.phase, last.wave) as (Position & Row)[];
      const end = page.at(-1);
      if (end === undefined) return;
      yield* page;
      last = end;
    }
  };
}

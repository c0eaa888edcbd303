import type { SampleState } from '../../model/evidence.ts';
import { instant } from '../../model/ids.ts';
import type { FactKind, LearnedFact } from '../../model/target/learned-fact.ts';
import type { Db } from '../database.ts';
import type { KeptLearned } from './target-state-interface.ts';

interface FactRow {
  readonly kind: FactKind;
  readonly subject: string;
  readonly status: number | null;
  readonly resource: string;
  readonly resources: 1 | 2;
  readonly passes: number;
  readonly pass: number;
  readonly learned_at: number;
  readonly confirmed_at: number;
}

/** Reads and writes what was learned about a target: the table `learned_fact` and two columns of `target`. */
export function openLearned(db: Db, target: number) {
  const selectTarget = db.prepare('select samples, learned_under from target where id = ?');
  const updateTarget = db.prepare('update target set samples = ?, learned_under = ? where id = ?');
  const deleteFacts = db.prepare('delete from learned_fact where target = ?');
  const insertFact = db.prepare(`
    insert into learned_fact
      (target, fact, subject, status, resource, resources, passes, pass, learned_at, confirmed_at)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);

  return {
    read(): KeptLearned {
      const row = selectTarget.get(target) as { samples: string | null; learned_under: string | null };
      return {
        facts: learnedFacts(db, target),
        samples: row.samples === null ? {} : (JSON.parse(row.samples) as SampleState),
        under: row.learned_under ?? undefined,
      };
    },
    write({ facts, samples, under }: KeptLearned): void {
      updateTarget.run(JSON.stringify(samples), under ?? null, target);
      deleteFacts.run(target);
      for (const { kind, subject, status, resource, resources, passes, pass, learnedAt, confirmedAt } of facts)
        insertFact.run(
          ...[target, kind, subject, status ?? null, resource, resources, passes, pass, learnedAt, confirmedAt],
        );
    },
  };
}

/** The facts of a target, by kind and subject. */
export function learnedFacts(db: Db, target: number): readonly LearnedFact[] {
  const rows = db
    .prepare(
      `
      select fact as kind, subject, status, resource, resources, passes, pass, learned_at, confirmed_at
      from learned_fact
      where target = ?
      order by fact, subject`,
    )
    .all(target) as FactRow[];
  return rows.map(({ status, learned_at, confirmed_at, ...fact }) => ({
    ...fact,
    status: status ?? undefined,
    learnedAt: instant(learned_at),
    confirmedAt: instant(confirmed_at),
  }));
}

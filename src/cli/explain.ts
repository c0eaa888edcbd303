import { OperatorError } from '../model/errors.ts';
import { sourceKey, type SourceKey } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { SourceRecord } from '../model/record.ts';
import type { Known } from '../model/resource.ts';
import { isoTime } from '../model/time.ts';
import type { Columns } from '../source/source.ts';
import type { Mirror, Note, StoredOperation } from '../store/store.ts';
import type { TargetSpec } from '../sync/spec.ts';
import { consider, diffRulesOf } from '../sync/standing.ts';
import { leftOut } from './left-out.ts';
import {
  decisionText,
  knownText,
  leftOutText,
  plannedText,
  recordText,
  rulesText,
  strangersText,
} from './print/explain-text.ts';
import { realClock } from './world.ts';

/** What lies on the desk of somebody who explains: the source as it is known, what the targets acknowledged, and, if it could be made, a plan. */
export interface Desk {
  readonly mirror: Mirror;
  readonly known: (target: string, kind: Kind, key: SourceKey) => Known | undefined;
  readonly knownByName: (target: string, kind: Kind, foldedName: string) => Promise<readonly Known[]>;
  readonly planned:
    | ((
        target: string,
        kind: Kind,
        key: SourceKey,
      ) => Promise<{ readonly operations: readonly StoredOperation[]; readonly notes: readonly Note[] }>)
    | undefined;
}

/** Members named of whom the source gives nobody. */
const strangersShown = 5;

interface Subject {
  readonly kind: Kind;
  readonly key: SourceKey;
  readonly record: SourceRecord | undefined;
}

/** @throws OperatorError where nobody is meant by what was asked for */
export async function explainAll(
  desk: Desk,
  specs: readonly TargetSpec[],
  columns: Columns,
  wanted: string,
  out: (line: string) => void,
): Promise<void> {
  const found = await subjects(desk, specs, wanted);
  if (found.length === 0) {
    const reading = await desk.mirror.last();
    throw new OperatorError(
      `nobody with the key, name or attribute value "${wanted}" stands in the source as it was read (${reading === undefined ? 'never' : isoTime(reading.at)}), nor at a target`,
      4,
    );
  }
  for (const subject of found) {
    recordText(subject.kind, subject.key, subject.record, await desk.mirror.groupsOf(subject.key)).forEach(out);
    if (subject.kind === 'Group') strangersText(await desk.mirror.strangers(subject.key, strangersShown)).forEach(out);
    for (const spec of specs) (await targetText(desk, spec, columns, subject)).forEach(out);
  }
}

/** Whom the operator means: by key or by any value in the source, or by a name that only a target still has. */
async function subjects(desk: Desk, specs: readonly TargetSpec[], wanted: string): Promise<readonly Subject[]> {
  const records = await desk.mirror.search(wanted);
  if (records.length > 0) return records.map((record) => ({ kind: record.kind, key: record.key, record }));
  const left = new Map<string, Subject>();
  for (const { name } of specs) {
    for (const kind of ['User', 'Group'] as const) {
      const known = [
        desk.known(name, kind, sourceKey(wanted)),
        ...(await desk.knownByName(name, kind, wanted.toLowerCase())),
      ];
      for (const one of known)
        if (one !== undefined)
          left.set(`${kind}:${one.key}`, { kind, key: one.key, record: await desk.mirror.record(kind, one.key) });
    }
  }
  return [...left.values()];
}

async function targetText(
  desk: Desk,
  spec: TargetSpec,
  columns: Columns,
  { kind, key, record }: Subject,
): Promise<readonly string[]> {
  const rules = spec.rules(columns);
  const known = desk.known(spec.name, kind, key);
  const members = kind === 'Group' && record !== undefined ? leftOutText(await leftOut(desk.mirror, rules, key)) : [];
  const lines = [
    `  at ${spec.name}`,
    ...(record === undefined ? [] : rulesText(rules.explain(record))),
    ...members,
    ...knownText(known),
  ];
  const considered = consider(
    { kind, key, record, known, uncertain: false, due: false },
    rules,
    diffRulesOf(spec, rules),
    realClock.now(),
  );
  if (desk.planned === undefined) return [...lines, `    would be sent: ${decisionText(considered)}`];
  const { operations, notes } = await desk.planned(spec.name, kind, key);
  return [...lines, ...plannedText(operations, notes, considered)];
}

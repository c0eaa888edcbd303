import type { Judgement, ReadingFacts } from '../../model/reading/judgement.ts';
import type { ReferenceKind, ReferenceReport } from '../../model/reading/references.ts';
import type { SourceRecord } from '../../model/record.ts';
import {
  isWorthAHint,
  judgeAmbiguous,
  judgeEntryReferences,
  judgeKeyReferences,
  referenceNotices,
} from '../../plan/reading/references.ts';
import { searchSpellings, type SpellingSearch } from '../../plan/reading/reference-spellings.ts';
import type { SanityLimits } from '../../plan/reading/amounts.ts';
import type { OpenSource } from '../../source/source.ts';
import type { ManagerNames, Mirror, NamedRecord } from '../../store/store.ts';

/** A mapping as far as it knows the manager of a user. */
export interface ManagerMapping {
  readonly mapsManager: boolean;
  managerOf(user: SourceRecord): string | undefined;
  /** Changes whenever the manager of a user with the same attributes may be another one. */
  readonly fingerprint: string;
}

/** The managers that the targets map, by key; undefined: no target maps them. */
export function managersBy(mappings: readonly ManagerMapping[]): ManagerNames | undefined {
  const mapped = mappings.filter(({ mapsManager }) => mapsManager);
  if (mapped.length === 0) return undefined;
  return {
    rules: JSON.stringify(mapped.map(({ fingerprint }) => fingerprint).sort()),
    namesOf: (user) => [...new Set(mapped.flatMap((mapping) => mapping.managerOf(user) ?? []))],
  };
}

/** What judging references needs. */
export interface ReferenceInput {
  readonly mirror: Mirror;
  /** The references after the commit; undefined: no record changed. */
  readonly report: ReferenceReport | undefined;
  readonly last: { readonly facts: ReadingFacts } | undefined;
  readonly open: Pick<OpenSource, 'referenceOptions'>;
  readonly spec: { readonly sanity: Pick<SanityLimits, 'maxDangling'> };
}

const kinds: readonly ReferenceKind[] = ['members', 'groups', 'managers'];

/** At most this number of names is compared with the records. */
const maxNames = 10_000;
const maxExamples = 6;

/** Judges the references of a committed reading, and repeats what still holds of the last one. */
export async function judgeReferences(input: ReferenceInput): Promise<readonly Judgement[]> {
  const { report, last } = input;
  const earlier = (last?.facts.judgements ?? []).filter(({ code }) => referenceNotices.has(code));
  if (report === undefined) return earlier;
  const { counts, ambiguous } = report;
  const repeated = counts === undefined ? earlier.filter(({ code }) => code === 'source.danglingReferences') : [];
  const judgements: Judgement[] = [...judgeAmbiguous(ambiguous.first, ambiguous.total), ...repeated];
  for (const kind of kinds)
    judgements.push(
      ...(input.open.referenceOptions !== undefined
        ? await judgeEntries(input, report, kind)
        : await judgeKeys(input, report, kind)),
    );
  return judgements;
}

async function judgeKeys(
  { mirror, last: lastReading, spec }: ReferenceInput,
  { counts }: ReferenceReport,
  kind: ReferenceKind,
): Promise<readonly Judgement[]> {
  const limit = spec.sanity.maxDangling;
  const now = counts?.[kind];
  if (now === undefined) return [];
  const last = lastReading?.facts.references?.[kind];
  const newlyLeft = now.left - (last?.left ?? 0);
  const search =
    isWorthAHint(now.dangling, now.total, limit) || isWorthAHint(newlyLeft, now.total, limit)
      ? await searchIn(mirror, kind, ({ key }) => [key])
      : undefined;
  const examples = await examplesOf(mirror, kind);
  return judgeKeyReferences(
    { kind, counts: now, before: last, misspelt: search?.misspeltLeavers() ?? 0, examples, hint: search?.hint() },
    limit,
  );
}

async function judgeEntries(
  { mirror, last: lastReading, spec }: ReferenceInput,
  { counts, lost }: ReferenceReport,
  kind: ReferenceKind,
): Promise<readonly Judgement[]> {
  const last = lastReading?.facts.references?.[kind];
  const limit = spec.sanity.maxDangling;
  const now = counts?.[kind];
  const total = now?.total ?? last?.total ?? 0;
  if (total === 0 && lost[kind] === 0) return [];
  const search = isWorthAHint(lost[kind], total, limit)
    ? await searchIn(mirror, kind, ({ handles }) => handles)
    : undefined;
  const examples = now === undefined ? [] : await examplesOf(mirror, kind);
  return judgeEntryReferences({ kind, before: last, examples, hint: search?.hint() }, now, lost[kind], limit);
}

async function examplesOf(mirror: Mirror, kind: ReferenceKind): Promise<readonly string[]> {
  const names = await mirror.danglingReferences(kind, maxExamples);
  return names.filter(({ hasLeft }) => !hasLeft).map(({ name }) => name.replace(/^(dn|login):/, ''));
}

async function searchIn(
  mirror: Mirror,
  kind: ReferenceKind,
  namesOf: (record: NamedRecord) => readonly string[],
): Promise<SpellingSearch> {
  const search = searchSpellings(await mirror.danglingReferences(kind, maxNames), kind === 'managers');
  const isMeant = ({ resourceType }: NamedRecord): boolean =>
    kind === 'members' || (kind === 'managers') === (resourceType === 'User');
  await mirror.forEachRecord((record) => {
    if (isMeant(record)) search.look({ names: namesOf(record), attributes: record.attributes });
  });
  return search;
}

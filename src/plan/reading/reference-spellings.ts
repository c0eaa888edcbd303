import { quotedName } from '../../model/reading/header-name.ts';
import type { Attributes } from '../../model/record.ts';
import { foldKey, keyInForm, type KeyForm } from '../../model/reading/key-form.ts';
import type { DanglingReference } from '../../model/reading/references.ts';

/** A present record to which names that point nowhere may refer. */
export interface KnownNames {
  /** Its key, or the handles of its entry. */
  readonly names: readonly string[];
  readonly attributes: Attributes;
}

/** Finds out by which change of spelling names would match the present records. */
export interface SpellingSearch {
  /** Compares the names with one present record. */
  look(record: KnownNames): void;
  /** The change that lets most of the references match, as a sentence; undefined: there is none. */
  hint(): string | undefined;
  /** References to records that left which match a present record in another spelling. */
  misspeltLeavers(): number;
}

interface Spelling {
  readonly fold: (name: string) => string | undefined;
  readonly sentence: (count: number) => string;
}

const toLower = (text: string): string => text.toLowerCase();

/** A spelling that `keyForm` ignores. The fold is that of the reader, so the advice leads to these matches. */
const ignoredBy = (form: KeyForm, how: string): Spelling => ({
  fold: (name) => keyInForm(name, form),
  sentence: (count) => `${count} would match ${how}: set "keyForm": [${form.map((step) => `"${step}"`).join(', ')}]`,
});

/** From the simplest to the strongest: of equally good ones, the first is named. */
const spellings: readonly Spelling[] = [
  ignoredBy(['ignoreCase'], 'in another case'),
  ignoredBy(['stripLeadingZeros'], 'without leading zeros'),
  ignoredBy(['trim'], 'without blanks at the ends and invisible characters'),
  ignoredBy(['trim', 'ignoreCase', 'stripLeadingZeros'], 'without leading zeros, blanks at the ends and case'),
  {
    fold: foldKey,
    sentence: (count) =>
      `${count} would match without blanks inside and compatibility forms, which no setting ignores: ` +
      'correct the export',
  },
  {
    // The first RDN of a DN, in its normalised form.
    fold: (name) => /^dn:((?:\\.|[^\\,])+),/s.exec(name)?.[1],
    sentence: (count) => `${count} would match an entry with the same name elsewhere: entries seem to have moved`,
  },
];

/**
 * @param dangling the names that point nowhere
 * @param areOwnValues the present records hold the references themselves, as users hold their managers. A column in
 *   which each name occurs as often as it is referenced is that of the references, and no hint.
 */
export function searchSpellings(dangling: readonly DanglingReference[], areOwnValues = false): SpellingSearch {
  const unmatched = spellings.map(({ fold }) => countsBy(dangling, fold));
  const leavers = countsBy(
    dangling.filter(({ hasLeft }) => hasLeft),
    foldKey,
  );
  const values = countsBy(dangling, (name) => plainName(name).toLowerCase());
  const matched = spellings.map(() => 0);
  const matchedValues = new Map<string, Map<string, number>>();
  let misspelt = 0;
  return {
    look({ names, attributes }) {
      for (const name of names) {
        for (const [index, { fold }] of spellings.entries())
          matched[index] = (matched[index] ?? 0) + take(unmatched[index], fold(name));
        misspelt += take(leavers, foldKey(name));
      }
      for (const [attribute, texts] of Object.entries(attributes))
        for (const text of texts.map(toLower)) if (values.has(text)) addTo(matchedValues, attribute, text);
    },
    hint() {
      const columns = [...matchedValues].filter(
        ([, texts]) => !areOwnValues || [...texts].some(([text, records]) => records !== values.get(text)),
      );
      const found = [
        ...spellings.map(({ sentence }, index) => ({ count: matched[index] ?? 0, sentence })),
        ...columns.map(([attribute, texts]) => ({
          count: sum([...texts.keys()].map((text) => values.get(text) ?? 0)),
          sentence: (count: number) =>
            `${count} are values of ${quotedName(attribute)}, and a reference must be the key`,
        })),
      ];
      const best = Math.max(0, ...found.map(({ count }) => count));
      return best === 0 ? undefined : found.find(({ count }) => count === best)?.sentence(best);
    },
    misspeltLeavers: () => misspelt,
  };
}

/** A login without the type of its handle. */
const plainName = (name: string): string => name.replace(/^login:/, '');

function countsBy(
  dangling: readonly DanglingReference[],
  fold: (name: string) => string | undefined,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name, references } of dangling) {
    const folded = fold(name);
    if (folded !== undefined) counts.set(folded, references + (counts.get(folded) ?? 0));
  }
  return counts;
}

/** The references to this name; a name counts once. */
function take(counts: Map<string, number> | undefined, name: string | undefined): number {
  if (counts === undefined || name === undefined) return 0;
  const count = counts.get(name) ?? 0;
  counts.delete(name);
  return count;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function addTo(columns: Map<string, Map<string, number>>, name: string, value: string): void {
  const counts = columns.get(name) ?? new Map<string, number>();
  columns.set(name, counts.set(value, 1 + (counts.get(value) ?? 0)));
}

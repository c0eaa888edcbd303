import { enterpriseUserSchema, formatPath, pathOf } from '../model/path.ts';
import type { Holds } from '../model/profile.ts';
import type { Body, Json } from '../model/resource.ts';
import { member, readBody } from '../model/shape.ts';
import { finding, type Finding, type Words } from './finding.ts';
import { homeMail, workMail } from './person.ts';

/** What became of one value that was sent. */
export type Fate = 'kept' | 'dropped' | 'case' | 'punctuation' | 'changed';

/** @param kept what a read shows at the same path; undefined: nothing */
export function fateOf(sent: Json, kept: Json | undefined): Fate {
  if (kept === undefined) return 'dropped';
  const [one, other] = [plain(sent), plain(kept)];
  if (one === other) return 'kept';
  if (one.toLowerCase() === other.toLowerCase()) return typeof sent === 'string' ? 'case' : 'kept';
  return bare(one) === bare(other) && bare(one) !== '' ? 'punctuation' : 'changed';
}

const plain = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
const bare = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

const about = 'keeps';

/**
 * What a resource shows of what was sent: at its path, or in the same list under another type or as plain text.
 *
 * @returns `elsewhere`: paths whose values are shown under names of the application's own, which proves that they are kept
 */
export function shownOf(resource: unknown, sent: Body): { readonly kept: Body; readonly elsewhere: readonly string[] } {
  const kept: Record<string, Json> = { ...readBody(resource, Object.keys(sent)) };
  const text = JSON.stringify(resource) ?? '';
  const elsewhere: string[] = [];
  for (const [path, value] of Object.entries(sent)) {
    if (kept[path] !== undefined || typeof value !== 'string') continue;
    const inList = elementLike(resource, path, value);
    if (inList !== undefined) kept[path] = inList;
    else if (text.includes(JSON.stringify(value))) elsewhere.push(path);
  }
  return { kept, elsewhere };
}

function elementLike(resource: unknown, path: string, value: string): string | undefined {
  const { attribute, filter } = pathOf(path);
  const list = filter === undefined ? undefined : member(resource, attribute);
  if (!Array.isArray(list)) return undefined;
  const texts = (list as unknown[])
    .map((element) => (typeof element === 'string' ? element : member(element, 'value')))
    .filter((each) => typeof each === 'string');
  return texts.find((each) => ['kept', 'case', 'punctuation'].includes(fateOf(value, each)));
}

/**
 * What an application keeps of a person, and how.
 *
 * @param sent with the userName; what was refused is not in it
 * @param shown the same paths, as a read shows them
 * @param refused paths that nobody may bring
 * @param known of the profile so far: userName is the same in any case until the opposite is seen
 */
export function judgeKeeping(
  sent: Body,
  { kept, elsewhere }: ReturnType<typeof shownOf>,
  refused: readonly string[],
  known: Pick<Holds, 'foldsCase' | 'lists'>,
): readonly Finding[] {
  const fates = Object.entries(sent)
    .filter(([path]) => !isAside(path))
    .map(([path, value]) => ({ path, value, fate: fateOf(value, kept[path]) }));
  const of = (fate: Fate): readonly string[] => fates.filter((each) => each.fate === fate).map(({ path }) => path);
  const gone = of('dropped').filter((path) => !elsewhere.includes(path));
  const dropped = [...refused, ...gone];
  const enterprise = [...Object.keys(sent), ...refused].filter((path) => path.startsWith(`${enterpriseUserSchema}:`));
  const noEnterprise = enterprise.length > 0 && enterprise.every((path) => dropped.includes(path));
  const drops = unique(
    dropped
      .filter(
        (path) =>
          path !== homeMail && path !== 'userName' && path !== 'active' && !(noEnterprise && enterprise.includes(path)),
      )
      .map(wholeOf),
  );
  const oneMail = dropped.includes(homeMail) && !dropped.includes(workMail);
  const folded = unique([...known.foldsCase, ...of('case').map(wholeOf)]);

  return [
    finding(
      about,
      `of ${Object.keys(sent).length + refused.length} attributes it shows ${of('kept').length} as they were sent`,
    ),
    ...some(refused, (list) => `refused: ${list}`),
    ...some(elsewhere, (list) => `shown under other names than they were sent by: ${list}`),
    ...some(gone, (list) => `taken without a word, and not shown afterwards: ${list}`),
    ...decides(drops.length > 0, `mappings to these are left out: ${drops.join(', ')}`, { holds: { drops } }),
    ...decides(noEnterprise, 'it has none of the enterprise attributes', { holds: { enterpriseSchema: null } }),
    ...decides(oneMail, 'it keeps one e-mail address and no second one', {
      holds: { lists: { ...known.lists, emails: { ...known.lists['emails'], most: 1 } } },
    }),
    ...decides(of('case').length > 0, `kept in another case: ${of('case').join(', ')}`, {
      holds: { foldsCase: folded },
    }),
    ...decides(
      of('punctuation').length > 0,
      `kept without some of their blanks and punctuation: ${of('punctuation').join(', ')}`,
      { holds: { foldsPunctuation: unique(of('punctuation').map(wholeOf)) } },
    ),
    ...fates
      .filter(({ fate }) => fate === 'changed')
      .map(({ path, value }) =>
        finding(about, `${path} is kept as something else: ${plain(value)} became ${plain(kept[path] ?? null)}`),
      ),
  ];
}

/** What is done to one element of a list is done to all of them. */
function wholeOf(path: string): string {
  const { schema, attribute, filter } = pathOf(path);
  return filter === undefined ? path : formatPath({ ...(schema === undefined ? {} : { schema }), attribute });
}

const unique = (paths: readonly string[]): readonly string[] => [...new Set(paths)];

/** A companion of another value, no attribute of its own. */
const isAside = (path: string): boolean => path.endsWith('.primary');

const some = (paths: readonly string[], say: (list: string) => string): readonly Finding[] =>
  paths.length === 0 ? [] : [finding(about, say(paths.join(', ')))];
const decides = (isSo: boolean, sentence: string, words: Words): readonly Finding[] =>
  isSo ? [finding(about, sentence, words)] : [];

import { enterpriseUserSchema, formatPath, pathOf } from '../model/path.ts';
import type { Holds } from '../model/profile.ts';
import type { Body, Json } from '../model/resource.ts';
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
 * What an application keeps of a person, and how.
 *
 * @param sent with the userName; what was refused is not in it
 * @param kept the same paths, as a read shows them
 * @param refused paths that nobody may bring
 * @param known of the profile so far: userName is the same in any case until the opposite is seen
 */
export function judgeKeeping(sent: Body, kept: Body, refused: readonly string[], known: Pick<Holds, 'foldsCase' | 'lists'>): readonly Finding[] {
  const fates = Object.entries(sent).filter(([path]) => !isAside(path)).map(([path, value]) => ({ path, value, fate: fateOf(value, kept[path]) }));
  const of = (fate: Fate): readonly string[] => fates.filter((each) => each.fate === fate).map(({ path }) => path);
  const dropped = [...refused, ...of('dropped')];
  const enterprise = [...Object.keys(sent), ...refused].filter((path) => path.startsWith(`${enterpriseUserSchema}:`));
  const noEnterprise = enterprise.length > 0 && enterprise.every((path) => dropped.includes(path));
  const drops = unique(dropped.filter((path) => path !== homeMail && path !== 'userName' && path !== 'active' && !(noEnterprise && enterprise.includes(path))).map(wholeOf));
  const oneMail = dropped.includes(homeMail) && !dropped.includes(workMail);
  const folded = unique([...known.foldsCase, ...of('case').map(wholeOf)]);
  const lowered = of('case').filter((path) => path === wholeOf(path) && kept[path] === plain(sent[path] ?? null).toLowerCase());

  return [
    finding(about, `of ${Object.keys(sent).length + refused.length} attributes it shows ${of('kept').length} as they were sent`),
    ...some(refused, (list) => `refused: ${list}`),
    ...some(of('dropped'), (list) => `taken without a word, and not shown afterwards: ${list}`),
    ...decides(drops.length > 0, `mappings to these are left out: ${drops.join(', ')}`, { holds: { drops } }),
    ...decides(noEnterprise, 'it has none of the enterprise attributes', { holds: { enterpriseSchema: null } }),
    ...decides(oneMail, 'it keeps one e-mail address and no second one', { holds: { lists: { ...known.lists, emails: { ...known.lists['emails'], most: 1 } } } }),
    ...decides(of('case').length > 0, `kept in another case: ${of('case').join(', ')}`, { holds: { foldsCase: folded, ...valuesOf(lowered) } }),
    ...decides(of('punctuation').length > 0, `kept without some of their blanks and punctuation: ${of('punctuation').join(', ')}`, { holds: { foldsPunctuation: unique(of('punctuation').map(wholeOf)) } }),
    ...fates.filter(({ fate }) => fate === 'changed').map(({ path, value }) => finding(about, `${path} is kept as something else: ${plain(value)} became ${plain(kept[path] ?? null)}`)),
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

function valuesOf(lowered: readonly string[]): { readonly values?: Readonly<Record<string, { readonly lowerCase: true }>> } {
  return lowered.length === 0 ? {} : { values: Object.fromEntries(lowered.map((path) => [path, { lowerCase: true as const }])) };
}

const some = (paths: readonly string[], say: (list: string) => string): readonly Finding[] => (paths.length === 0 ? [] : [finding(about, say(paths.join(', ')))]);
const decides = (isSo: boolean, sentence: string, words: Words): readonly Finding[] => (isSo ? [finding(about, sentence, words)] : []);

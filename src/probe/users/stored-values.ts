import { enterpriseUserSchema, formatPath, pathOf } from '../../model/path.ts';
import type { Supports } from '../../model/profile.ts';
import type { FlatResource, Json } from '../../model/resource.ts';
import { getIgnoringCase, fromScimJson } from '../../model/scim-json.ts';
import { finding, type Finding, type ProfileSettings } from '../finding.ts';
import { homeMail, workMail } from './user-attributes.ts';

/** What became of one value that was sent. */
export type StoredComparison = 'kept' | 'dropped' | 'case' | 'punctuation' | 'changed';

/** @param stored what a read shows at the same path; undefined: nothing */
export function compareStored(sent: Json, stored: Json | undefined): StoredComparison {
  if (stored === undefined) return 'dropped';
  const [sentText, storedText] = [asText(sent), asText(stored)];
  if (sentText === storedText) return 'kept';
  if (sentText.toLowerCase() === storedText.toLowerCase()) return typeof sent === 'string' ? 'case' : 'kept';
  return lettersAndDigits(sentText) === lettersAndDigits(storedText) && lettersAndDigits(sentText) !== ''
    ? 'punctuation'
    : 'changed';
}

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
const lettersAndDigits = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

const topic = 'keeps';

/**
 * What a resource shows of what was sent: at its path, or in the same list under another type or as plain text.
 *
 * @returns `elsewhere`: paths whose values are shown under names of the application's own, which proves that they are kept
 */
export function storedValuesOf(
  resource: unknown,
  sent: FlatResource,
): { readonly kept: FlatResource; readonly elsewhere: readonly string[] } {
  const kept: Record<string, Json> = { ...fromScimJson(resource, Object.keys(sent)) };
  const text = JSON.stringify(resource) ?? '';
  const elsewhere: string[] = [];
  for (const [path, value] of Object.entries(sent)) {
    if (kept[path] !== undefined || typeof value !== 'string') continue;
    const inList = similarElement(resource, path, value);
    if (inList !== undefined) kept[path] = inList;
    else if (text.includes(JSON.stringify(value))) elsewhere.push(path);
  }
  return { kept, elsewhere };
}

function similarElement(resource: unknown, path: string, value: string): string | undefined {
  const { attribute, filter } = pathOf(path);
  const list = filter === undefined ? undefined : getIgnoringCase(resource, attribute);
  if (!Array.isArray(list)) return undefined;
  const texts = (list as unknown[])
    .map((element) => (typeof element === 'string' ? element : getIgnoringCase(element, 'value')))
    .filter((each) => typeof each === 'string');
  return texts.find((each) => ['kept', 'case', 'punctuation'].includes(compareStored(value, each)));
}

/**
 * What an application keeps of a person, and how.
 *
 * @param sent with the userName; what was refused is not in it
 * @param shown the same paths, as a read shows them
 * @param refused paths that nobody may bring
 * @param known of the profile so far: userName is the same in any case until the opposite is seen
 */
export function judgeStoredValues(
  sent: FlatResource,
  { kept, elsewhere }: ReturnType<typeof storedValuesOf>,
  refused: readonly string[],
  known: Pick<Supports, 'caseInsensitive' | 'lists'>,
): readonly Finding[] {
  const comparisons = Object.entries(sent)
    .filter(([path]) => !isCompanion(path))
    .map(([path, value]) => ({ path, value, comparison: compareStored(value, kept[path]) }));
  const pathsWith = (comparison: StoredComparison): readonly string[] =>
    comparisons.filter((each) => each.comparison === comparison).map(({ path }) => path);
  const missing = pathsWith('dropped').filter((path) => !elsewhere.includes(path));
  const dropped = [...refused, ...missing];
  const enterprisePaths = [...Object.keys(sent), ...refused].filter((path) =>
    path.startsWith(`${enterpriseUserSchema}:`),
  );
  const hasNoEnterprise = enterprisePaths.length > 0 && enterprisePaths.every((path) => dropped.includes(path));
  const unsupportedAttributes = unique(
    dropped
      .filter(
        (path) =>
          path !== homeMail &&
          path !== 'userName' &&
          path !== 'active' &&
          !(hasNoEnterprise && enterprisePaths.includes(path)),
      )
      .map(attributePathOf),
  );
  const hasSingleEmail = dropped.includes(homeMail) && !dropped.includes(workMail);
  const caseFolded = unique([...known.caseInsensitive, ...pathsWith('case').map(attributePathOf)]);

  return [
    finding(
      topic,
      `of ${Object.keys(sent).length + refused.length} attributes it shows ${pathsWith('kept').length} as they were sent`,
    ),
    ...listFinding(refused, (list) => `refused: ${list}`),
    ...listFinding(elsewhere, (list) => `shown under other names than they were sent by: ${list}`),
    ...listFinding(missing, (list) => `taken without a word, and not shown afterwards: ${list}`),
    ...findingIf(
      unsupportedAttributes.length > 0,
      `mappings to these are left out: ${unsupportedAttributes.join(', ')}`,
      {
        supports: { unsupportedAttributes },
      },
    ),
    ...findingIf(hasNoEnterprise, 'it has none of the enterprise attributes', { supports: { enterpriseSchema: null } }),
    ...findingIf(hasSingleEmail, 'it keeps one e-mail address and no second one', {
      supports: { lists: { ...known.lists, emails: { ...known.lists['emails'], maxItems: 1 } } },
    }),
    ...findingIf(pathsWith('case').length > 0, `kept in another case: ${pathsWith('case').join(', ')}`, {
      supports: { caseInsensitive: caseFolded },
    }),
    ...findingIf(
      pathsWith('punctuation').length > 0,
      `kept without some of their blanks and punctuation: ${pathsWith('punctuation').join(', ')}`,
      { supports: { ignoresPunctuation: unique(pathsWith('punctuation').map(attributePathOf)) } },
    ),
    ...comparisons
      .filter(({ comparison }) => comparison === 'changed')
      .map(({ path, value }) =>
        finding(topic, `${path} is kept as something else: ${asText(value)} became ${asText(kept[path] ?? null)}`),
      ),
  ];
}

/** What is done to one element of a list is done to all of them. */
function attributePathOf(path: string): string {
  const { schema, attribute, filter } = pathOf(path);
  return filter === undefined ? path : formatPath({ ...(schema === undefined ? {} : { schema }), attribute });
}

const unique = (paths: readonly string[]): readonly string[] => [...new Set(paths)];

/** A companion of another value, no attribute of its own. */
const isCompanion = (path: string): boolean => path.endsWith('.primary');

const listFinding = (paths: readonly string[], toSentence: (list: string) => string): readonly Finding[] =>
  paths.length === 0 ? [] : [finding(topic, toSentence(paths.join(', ')))];
const findingIf = (isDecided: boolean, sentence: string, settings: ProfileSettings): readonly Finding[] =>
  isDecided ? [finding(topic, sentence, settings)] : [];

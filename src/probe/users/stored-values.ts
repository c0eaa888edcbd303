import { enterpriseUserSchema, formatPath, pathOf } from '../../model/path.ts';
import type { Supports } from '../../model/profile.ts';
import type { FlatResource, Json } from '../../model/resource.ts';
import { getIgnoringCase, fromScimJson } from '../../model/scim-json.ts';
import { finding, type Finding, type ProfileSettings } from '../finding.ts';
import { homeMail, workMail } from './user-attributes.ts';

/** How a stored value differs from the one that was sent. */
export type StoredComparison = 'equal' | 'missing' | 'case' | 'punctuation' | 'changed';

/** @param stored the value that a read returns at the same path; undefined: none */
export function compareStored(sent: Json, stored: Json | undefined): StoredComparison {
  if (stored === undefined) return 'missing';
  const [sentText, storedText] = [asText(sent), asText(stored)];
  if (sentText === storedText) return 'equal';
  if (sentText.toLowerCase() === storedText.toLowerCase()) return typeof sent === 'string' ? 'case' : 'equal';
  return lettersAndDigits(sentText) === lettersAndDigits(storedText) && lettersAndDigits(sentText) !== ''
    ? 'punctuation'
    : 'changed';
}

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
const lettersAndDigits = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

const topic = 'attributes';

/**
 * The sent values that a resource contains: at the same path, or in the same list with another type or as
 * plain strings.
 *
 * @returns `elsewhere`: paths whose values appear under other attribute names, which proves that the target stores them
 */
export function storedValuesOf(
  resource: unknown,
  sent: FlatResource,
): { readonly values: FlatResource; readonly elsewhere: readonly string[] } {
  const values: Record<string, Json> = { ...fromScimJson(resource, Object.keys(sent)) };
  const text = JSON.stringify(resource) ?? '';
  const elsewhere: string[] = [];
  for (const [path, value] of Object.entries(sent)) {
    if (values[path] !== undefined || typeof value !== 'string') continue;
    const listValue = similarElement(resource, path, value);
    if (listValue !== undefined) values[path] = listValue;
    else if (text.includes(JSON.stringify(value))) elsewhere.push(path);
  }
  return { values, elsewhere };
}

function similarElement(resource: unknown, path: string, value: string): string | undefined {
  const { attribute, filter } = pathOf(path);
  const list = filter === undefined ? undefined : getIgnoringCase(resource, attribute);
  if (!Array.isArray(list)) return undefined;
  const texts = (list as unknown[])
    .map((element) => (typeof element === 'string' ? element : getIgnoringCase(element, 'value')))
    .filter((each) => typeof each === 'string');
  return texts.find((each) => ['equal', 'case', 'punctuation'].includes(compareStored(value, each)));
}

/**
 * Findings about the attributes that a target stores, and how it changes their values.
 *
 * @param sent the attributes of the create, including userName, without the refused ones
 * @param stored the same attributes as a read returns them
 * @param refused paths whose attributes a create must not contain
 * @param known the profile's settings so far
 */
export function judgeStoredValues(
  sent: FlatResource,
  { values, elsewhere }: ReturnType<typeof storedValuesOf>,
  refused: readonly string[],
  known: Pick<Supports, 'caseInsensitive' | 'lists'>,
): readonly Finding[] {
  const comparisons = Object.entries(sent)
    .filter(([path]) => !isCompanion(path))
    .map(([path, value]) => ({ path, value, comparison: compareStored(value, values[path]) }));
  const pathsWith = (comparison: StoredComparison): readonly string[] =>
    comparisons.filter((each) => each.comparison === comparison).map(({ path }) => path);
  const missing = pathsWith('missing').filter((path) => !elsewhere.includes(path));
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
      `${pathsWith('equal').length} of ${Object.keys(sent).length + refused.length} attributes are stored unchanged`,
    ),
    ...listFinding(refused, (list) => `refused: ${list}`),
    ...listFinding(elsewhere, (list) => `returned under other attribute names: ${list}`),
    ...listFinding(missing, (list) => `accepted, but not returned by reads: ${list}`),
    ...findingIf(
      unsupportedAttributes.length > 0,
      `not supported, mappings to them are ignored: ${unsupportedAttributes.join(', ')}`,
      {
        supports: { unsupportedAttributes },
      },
    ),
    ...findingIf(hasNoEnterprise, 'the enterprise extension is not supported', {
      supports: { enterpriseSchema: null },
    }),
    ...findingIf(hasSingleEmail, 'only one e-mail address is stored', {
      supports: { lists: { ...known.lists, emails: { ...known.lists['emails'], maxItems: 1 } } },
    }),
    ...findingIf(pathsWith('case').length > 0, `stored in another case: ${pathsWith('case').join(', ')}`, {
      supports: { caseInsensitive: caseFolded },
    }),
    ...findingIf(
      pathsWith('punctuation').length > 0,
      `stored without spaces or punctuation: ${pathsWith('punctuation').join(', ')}`,
      { supports: { ignoresPunctuation: unique(pathsWith('punctuation').map(attributePathOf)) } },
    ),
    ...comparisons
      .filter(({ comparison }) => comparison === 'changed')
      .map(({ path, value }) =>
        finding(topic, `${path} is stored with another value: ${asText(value)} became ${asText(values[path] ?? null)}`),
      ),
  ];
}

/** The path of the attribute as a whole: a setting applies to all elements of a list. */
function attributePathOf(path: string): string {
  const { schema, attribute, filter } = pathOf(path);
  return filter === undefined ? path : formatPath({ ...(schema === undefined ? {} : { schema }), attribute });
}

const unique = (paths: readonly string[]): readonly string[] => [...new Set(paths)];

/** `primary` describes another sub-attribute of its element and is not compared. */
const isCompanion = (path: string): boolean => path.endsWith('.primary');

const listFinding = (paths: readonly string[], toSentence: (list: string) => string): readonly Finding[] =>
  paths.length === 0 ? [] : [finding(topic, toSentence(paths.join(', ')))];
const findingIf = (isDecided: boolean, sentence: string, settings: ProfileSettings): readonly Finding[] =>
  isDecided ? [finding(topic, sentence, settings)] : [];

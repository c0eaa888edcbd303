/** What does not distinguish two keys of the source. */
export const keyFormSteps = ['trim', 'ignoreCase', 'stripLeadingZeros'] as const;

export type KeyFormStep = (typeof keyFormSteps)[number];

/** The steps that apply, in any order. Without one, every key is itself. */
export type KeyForm = readonly KeyFormStep[];

/**
 * The canonical form of a key, or of a reference to it. The form of a form is the form itself.
 *
 *     trim                 blanks at both ends, and invisible characters anywhere    "E 1\u200b " → "E 1"
 *     ignoreCase           lower case                                                "E-7a"       → "e-7a"
 *     stripLeadingZeros    zeros before another digit or letter                      "00100"      → "100"
 *
 * A key of which nothing remains stays as it is.
 */
export function keyInForm(key: string, form: KeyForm): string {
  let result = key;
  if (form.includes('trim')) result = withoutInvisible(result).trim();
  if (form.includes('ignoreCase')) result = result.toLowerCase();
  if (form.includes('stripLeadingZeros')) result = withoutLeadingZeros(result);
  return result === '' ? key : result;
}

/**
 * A text in the form in which names and logins are compared: Unicode compatibility forms, invisible characters, blanks
 * at both ends, and case do not distinguish them.
 */
export const foldText = (text: string): string => withoutInvisible(text.normalize('NFKC')).trim().toLowerCase();

/**
 * A key without what spreadsheets and exports lose or add: what `foldText` ignores, blanks inside, and leading zeros.
 * It recognises keys that may be the same; no state holds it, and only `keyInForm` makes keys equal. Keys that one form
 * makes equal are equal here, too.
 */
export function foldKey(key: string): string {
  const folded = foldText(key).replaceAll(/\s/g, '');
  return folded === '' ? key : withoutLeadingZeros(folded);
}

const withoutInvisible = (text: string): string => text.replaceAll(/\p{Cf}/gu, '');
const withoutLeadingZeros = (text: string): string => text.replace(/^0+(?=[\p{L}\p{N}])/u, '');

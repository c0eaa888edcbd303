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
  if (form.includes('trim')) result = result.replaceAll(/\p{Cf}/gu, '').trim();
  if (form.includes('ignoreCase')) result = result.toLowerCase();
  if (form.includes('stripLeadingZeros')) result = result.replace(/^0+(?=[\p{L}\p{N}])/u, '');
  return result === '' ? key : result;
}

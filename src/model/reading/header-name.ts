/**
 * Characters without a visible form: soft hyphen, zero-width characters, byte order marks and other format characters,
 * and control characters.
 */
const invisible = /[\p{Cc}\p{Cf}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0]/gu;

/** White space that looks like a space and is not one: no-break space, ideographic space, tab. */
const unusualSpace = /[^\S ]/gu;

/** The name as a person reads it: no invisible characters, single spaces. */
export function visibleName(name: string): string {
  return name.replace(unusualSpace, ' ').replace(invisible, '').replace(/ +/g, ' ').trim();
}

/** The name as a person compares it: as `visibleName`, composed (NFC), ignoring case and blanks. */
export function foldedName(name: string): string {
  return visibleName(name).normalize('NFC').toLowerCase().replaceAll(' ', '');
}

/** The name in quotation marks for messages; characters that a person cannot see become `\u{200b}`. */
export function quotedName(name: string): string {
  const escape = (text: string): string =>
    [...text].map((character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`).join('');
  return `"${name.replace(invisible, escape).replace(unusualSpace, escape)}"`;
}

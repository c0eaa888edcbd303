/**
 * Characters that change what a person reads without being seen: control characters (C0, DEL, C1), those that change
 * the direction of text (Unicode 9.0 UAX 9: U+061C, U+200E–F, U+202A–E, U+2066–9), separators of lines and paragraphs,
 * spaces and operators of no width, and tags. A name with a line break could forge lines of a plan, and one with a mark
 * of direction could look like another name. The joiners U+200C and U+200D belong to names in some scripts.
 */
const hidden =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

/** What colours a text on a terminal: SGR with one number (ECMA-48 section 8.3.117), and not "concealed". */

const colour = /(\u001b\[(?!8m)\d{1,2}m)/;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escape = (text: string): string =>
  text.replace(
    hidden,
    (found) => short[found] ?? [...Array(found.length).keys()].map((at) => unit(found, at)).join(''),
  );

const unit = (text: string, at: number): string => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;

/**
 * A line as a person may read it: hidden characters are escaped as in JSON, so a JSON line keeps its meaning.
 *
 * @param hasColours whether the line may have colours
 */
export function visibleLine(line: string, hasColours: boolean): string {
  if (!hasColours) return escape(line);
  return line
    .split(colour)
    .map((part, index) => (index % 2 === 1 ? part : escape(part)))
    .join('');
}

/** The same for a text of several lines. */
export const visibleText = (text: string, hasColours: boolean): string =>
  text
    .split('\n')
    .map((line) => visibleLine(line, hasColours))
    .join('\n');

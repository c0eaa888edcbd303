/** In characters. */
const keptLength = 8192;
const maxLines = 5;
const maxLineLength = 300;

/** Escape sequences of terminals (ECMA-48), and other control characters except line breaks and tabs. */
const invisible = /\u001b\[[0-?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Keeps the end of a text that may have any length. */
export interface LastLines {
  add(text: string): void;
  /** The last lines as one line for a message: "first | second"; '' if there is none. */
  show(): string;
}

/** @param redact hides secrets; it gets complete lines */
export function collectLastLines(redact: (text: string) => string): LastLines {
  let text = '';
  let isCut = false;
  return {
    add(more) {
      text += more;
      if (text.length <= 2 * keptLength) return;
      text = text.slice(-keptLength);
      isCut = true;
    },
    show() {
      // The first line may have lost its beginning, and a secret in it could no longer be recognised.
      const complete = isCut ? text.slice(text.indexOf('\n') + 1) : text;
      return redact(complete)
        .replaceAll(invisible, '')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .slice(-maxLines)
        .map((line) => (line.length > maxLineLength ? `${line.slice(0, maxLineLength)}…` : line))
        .join(' | ');
    },
  };
}

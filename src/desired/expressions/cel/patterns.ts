import { createRequire } from 'node:module';
import type * as Re2 from 're2js';
import { charge } from './cost.ts';

/** Loaded with the first pattern: most configurations have none. */
const re2 = (): typeof Re2 => (loaded ??= createRequire(import.meta.url)('re2js') as typeof Re2);
let loaded: typeof Re2 | undefined;

/** More patterns than that are computed from values; the oldest ones are compiled again. */
const maxPatterns = 1000;

const patterns = new Map<string, Re2.RE2JS>();

/**
 * Whether a regular expression of RE2 occurs in a text. The time is proportional to the length of the text, whatever
 * the pattern is.
 *
 * @throws RE2JSSyntaxException
 */
export function matches(text: string, pattern: string): boolean {
  const compiled = compiledPattern(pattern);
  charge((text.length * compiled.programSize()) / 100);
  return compiled.test(text);
}

function compiledPattern(pattern: string): Re2.RE2JS {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  charge(pattern.length * 100);
  const compiled = re2().RE2JS.compile(pattern);
  const [oldest] = patterns.keys();
  if (patterns.size >= maxPatterns && oldest !== undefined) patterns.delete(oldest);
  patterns.set(pattern, compiled);
  return compiled;
}

/** Why a text is not a regular expression of RE2, as a sentence; undefined if it is one. */
export function patternProblem(pattern: string): string | undefined {
  try {
    re2().RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return patternErrorText(error);
  }
}

/** The sentence for an error of a pattern; undefined: it is another error. */
export function patternErrorText(error: unknown): string | undefined {
  if (loaded === undefined || !(error instanceof loaded.RE2JSSyntaxException)) return undefined;
  const reason = error.getDescription();
  const input = error.getPattern() ?? '';
  if (/^\(\?<?[=!]/.test(input))
    return `regular expressions (RE2) have no look-around, such as ${input}; use two conditions joined by &&`;
  if (/^\\[1-9k]/.test(input)) return `regular expressions (RE2) have no backreferences, such as ${input}`;
  return `it is not a regular expression (RE2): ${reason}${input === '' ? '' : ` (${input})`}`;
}

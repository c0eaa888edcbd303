import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseCase, type Case } from '../../config/cases/case-file.ts';
import { OperatorError } from '../../model/errors.ts';

/** A case with what is written down beside it. */
export interface GoldenCase {
  /** The name of its file, without the ending. */
  readonly name: string;
  readonly golden: Case;
  /** Undefined: nothing is written down yet. */
  readonly expected: unknown;
  /** Writes down another expectation. @throws OperatorError */
  write(text: string): void;
}

const caseEnding = '.case.json';
const expectedEnding = '.expected.json';

/**
 * Reads all cases of a folder, in the order of their names: NAME.case.json, and NAME.expected.json beside it.
 *
 * @throws OperatorError for a folder without cases, and for files that are no cases
 */
export function readCases(folder: string): readonly GoldenCase[] {
  const files = inFolder(folder, () => readdirSync(folder)).sort();
  const names = files.filter((file) => file.endsWith(caseEnding)).map((file) => basename(file, caseEnding));
  if (names.length === 0)
    throw new OperatorError(
      'golden.caseInvalid',
      `${folder} has no cases; a case is a file NAME${caseEnding} such as ` +
        '{"at": "2026-03-01", "users": [{"employee_number": "7", "mail": "ada@company.example"}]}',
      4,
    );
  return names.map((name) => {
    const expectedFile = join(folder, name + expectedEnding);
    return {
      name,
      golden: caseOf(folder, name),
      expected: files.includes(name + expectedEnding) ? expectationOf(expectedFile) : undefined,
      write: (text) => inFolder(folder, () => writeFileSync(expectedFile, text)),
    };
  });
}

function caseOf(folder: string, name: string): Case {
  const file = join(folder, name + caseEnding);
  const parsed = parseCase(inFolder(folder, () => readFileSync(file, 'utf8')));
  if ('case' in parsed) return parsed.case;
  throw new OperatorError(
    'golden.caseInvalid',
    `${file} is no valid case:\n${parsed.mistakes.map((mistake) => `  ${mistake}`).join('\n')}`,
    4,
  );
}

function expectationOf(file: string): unknown {
  try {
    return JSON.parse(inFolder(file, () => readFileSync(file, 'utf8')));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new OperatorError(
      'golden.caseInvalid',
      `${file} is not valid JSON; restore it, or write it again with "scimsync test --update"`,
      4,
    );
  }
}

function inFolder<T>(place: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    const what = code === 'ENOENT' ? 'does not exist' : `cannot be used (${code})`;
    throw new OperatorError('golden.unreadable', `${place} ${what}; name the folder of the cases`, 4, { cause });
  }
}

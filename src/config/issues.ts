import type { IssueCode } from '../model/error-codes.ts';

/** One mistake in the configuration. */
export interface Issue {
  /** Place in the file: `targets[0].guard.maxRemovals`; empty for the file as a whole. */
  readonly path: string;
  readonly code: IssueCode;
  /** What is wrong and what is valid, as the rest of a sentence that begins with the path. */
  readonly message: string;
}

/** An issue with its severity: the configuration works in spite of a warning. */
export interface Diagnostic extends Issue {
  readonly level: 'error' | 'warning';
}

/** A name in an object or an index in a list. */
export type Step = string | number;

const plainName = /^[A-Za-z_$][A-Za-z0-9_$-]*$/;

/** `['targets', 0, 'mapping', 'name.givenName']` → `targets[0].mapping["name.givenName"]`. */
export function formatPath(steps: readonly Step[]): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step === 'number') return `${path}[${step}]`;
    if (!plainName.test(step)) return `${path}[${JSON.stringify(step)}]`;
    return path === '' ? step : `${path}.${step}`;
  }, '');
}

/** One line for the operator. */
export function formatIssue({ path, message }: Pick<Issue, 'path' | 'message'>): string {
  return path === '' ? message : `${path}: ${message}`;
}

/** An error at a place of the file. */
export function errorAt(code: IssueCode, steps: readonly Step[], message: string): Diagnostic {
  return { level: 'error', path: formatPath(steps), code, message };
}

/** A warning at a place of the file. */
export function warningAt(code: IssueCode, steps: readonly Step[], message: string): Diagnostic {
  return { level: 'warning', path: formatPath(steps), code, message };
}

import type { IssueCode } from '../model/error-codes.ts';

/** One thing that is wrong with the configuration. */
export interface Issue {
  /** Where: `targets[0].guard.maxRemovals`; empty for the file as a whole. */
  readonly path: string;
  readonly code: IssueCode;
  /** What, and what would be right; goes on where the path ends. */
  readonly message: string;
}

/** The same, where it works nevertheless. */
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

export function errorAt(code: IssueCode, steps: readonly Step[], message: string): Diagnostic {
  return { level: 'error', path: formatPath(steps), code, message };
}

export function warningAt(code: IssueCode, steps: readonly Step[], message: string): Diagnostic {
  return { level: 'warning', path: formatPath(steps), code, message };
}

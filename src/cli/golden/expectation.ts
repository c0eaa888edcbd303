import type { JsonObject } from '../../model/scim-json.ts';

/** What a target should hold for one user or group of a case. */
export type ExpectedRecord =
  | { readonly decision: 'present'; readonly resource: JsonObject; readonly members?: readonly string[] }
  /** `absent`: it should have no access there; `rejected`: it cannot be sent. */
  | { readonly decision: 'absent' | 'rejected'; readonly reason: string };

/** Records by their keys. */
type ExpectedRecords = Readonly<Record<string, ExpectedRecord>>;

/** What the targets should hold for a case, as its golden file states it. */
export interface Expectation {
  readonly targets: Readonly<Record<string, { readonly users: ExpectedRecords; readonly groups: ExpectedRecords }>>;
  /** Rows that are no valid record, each with the reason. */
  readonly rejectedRows: readonly string[];
}

/** One place where two values differ; a value that is missing is undefined. */
export interface Difference {
  readonly place: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** The places where two JSON values differ, in the order of their names. The order of names does not count. */
export function differencesOf(expected: unknown, actual: unknown, place = ''): readonly Difference[] {
  if (isObject(expected) && isObject(actual)) {
    const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
    return names.flatMap((name) =>
      differencesOf(expected[name], actual[name], place === '' ? name : `${place} › ${name}`),
    );
  }
  return JSON.stringify(sorted(expected)) === JSON.stringify(sorted(actual)) ? [] : [{ place, expected, actual }];
}

/** The text of a golden file: names in order, so that equal expectations have equal texts. */
export const expectationText = (expectation: Expectation): string =>
  `${JSON.stringify(sorted(expectation), null, 2)}\n`;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, sorted(value[name])]),
  );
}

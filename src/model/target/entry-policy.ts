import type { IssueCode } from '../error-codes.ts';
import { suggestion } from '../nearest-name.ts';
import type { Json } from '../resource.ts';

/** A mapping entry that is an object with a policy, as the configuration states it. */
export interface WrittenPolicy {
  readonly value: Json;
  /** `"create"`: the value is set when the account is created, and never changed. */
  readonly on?: Json;
  /** True: `value` is a list, and the account gets the first value that no other account has. */
  readonly unique?: Json;
  /** The value where `value` gives none. */
  readonly default?: Json;
}

const policyKeys = ['on', 'unique', 'default'] as const;

/**
 * The policy of a mapping entry; undefined: the entry is an expression or a constant. An object is a policy if it has
 * `value` and one of `on`, `unique` and `default`, so that a constant such as `{"value": "x"}` stays one.
 */
export function writtenPolicy(entry: unknown): WrittenPolicy | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return undefined;
  if (!Object.hasOwn(entry, 'value') || !policyKeys.some((key) => Object.hasOwn(entry, key))) return undefined;
  return entry as unknown as WrittenPolicy;
}

/** The expressions of a mapping entry, each with the keys that lead to it: `["value", 0]`. */
export function expressionTexts(
  entry: unknown,
): readonly (readonly [text: string, at: readonly (string | number)[]])[] {
  if (typeof entry === 'string') return [[entry, []]];
  const policy = writtenPolicy(entry);
  if (policy === undefined) return [];
  const values = Array.isArray(policy.value) && isUnique(policy) ? candidatesOf(policy) : [];
  const located: readonly (readonly [unknown, readonly (string | number)[]])[] = [
    [policy.value, ['value']],
    ...values.map((value, index) => [value, ['value', index]] as const),
    [policy.default, ['default']],
  ];
  return located.flatMap(([value, at]) => (typeof value === 'string' ? [[value, at] as const] : []));
}

/** Whether the entry gives each account a value of its own. */
export const isUnique = ({ unique }: WrittenPolicy): boolean => unique === true;

/** What is wrong with a policy, with the key that is wrong. */
export interface PolicyMistake {
  readonly code: IssueCode;
  readonly key: string;
  readonly message: string;
}

/** Paths by which scimsync decides about access and recognises accounts: they always follow the source. */
const alwaysFollowing: ReadonlySet<string> = new Set(['active', 'externalid', 'manager', 'manager.value']);

/**
 * Checks the policy of one entry. @param path the path as written; an unusual spelling of the manager is found when
 * the mapping is compiled
 */
export function policyMistakes(path: string, policy: WrittenPolicy): readonly PolicyMistake[] {
  const mistakes: PolicyMistake[] = [];
  const add = (key: string, message: string, code: IssueCode = 'config.notAllowed'): number =>
    mistakes.push({ code, key, message });
  const keys = ['value', ...policyKeys];
  for (const key of Object.keys(policy))
    if (!keys.includes(key)) add(key, `is not known here${suggestion(key, keys)}`, 'config.unknownKey');
  if (policy.value === null) add('value', 'must be an expression or a constant');
  if (Object.hasOwn(policy, 'on') && policy.on !== 'create') add('on', 'must be "create"');
  if (Object.hasOwn(policy, 'unique') && typeof policy.unique !== 'boolean') add('unique', 'must be true or false');
  if (policy.default === null) add('default', 'must be an expression or a constant');
  const name = path
    .slice(path.startsWith('urn:') ? path.lastIndexOf(':') + 1 : 0)
    .trim()
    .toLowerCase();
  if (policy.on === 'create' && alwaysFollowing.has(name))
    add('on', 'is not possible here: this attribute decides about access or identity, so it follows the source');
  if (isUnique(policy)) mistakes.push(...uniqueMistakes(name, policy));
  return mistakes;
}

function uniqueMistakes(name: string, policy: WrittenPolicy): readonly PolicyMistake[] {
  const mistakes: PolicyMistake[] = [];
  const add = (key: string, message: string): number => mistakes.push({ code: 'config.notAllowed', key, message });
  const candidates = candidatesOf(policy);
  if (candidates.length === 0 || candidates.some((each) => typeof each !== 'string'))
    add('value', 'must be a list of expressions, because unique is true');
  if (alwaysFollowing.has(name)) add('unique', 'is not possible here: this attribute follows the source');
  if (Object.hasOwn(policy, 'default'))
    add('default', 'cannot be unique, because all users would share it; write it as the last element of value');
  return mistakes;
}

/** The values of a unique entry, in the order in which they are tried. */
export const candidatesOf = ({ value }: WrittenPolicy): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [value];

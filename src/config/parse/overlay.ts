import { errorAt, formatPath, type Issue, type Step } from '../issues.ts';

/** One file of a configuration. */
export interface ConfigFile {
  readonly name: string;
  readonly value: unknown;
}

/** The value of several files. */
export interface Overlaid {
  readonly value: unknown;
  /** The name of the file from which the value at a path is; for a missing one, the object around it. */
  fileOf(path: string): string;
  /** What an overlay changes that no earlier file has. */
  readonly mistakes: readonly Issue[];
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Lays each file over those before it: objects are merged by key, targets by name, and any other value replaces the
 * earlier one. Null removes the earlier value, and with `"targets": {"NAME": null}` a target.
 *
 * @param files at least one
 */
export function overlay(files: readonly [ConfigFile, ...ConfigFile[]]): Overlaid {
  const origins = new Map<string, string>();
  const [first] = files;

  /** Takes a value over as it is. */
  const take = (value: unknown, file: string, steps: readonly Step[]): unknown => {
    origins.set(formatPath(steps), file);
    if (typeof value === 'object' && value !== null)
      for (const [name, part] of Object.entries(value))
        take(part, file, [...steps, Array.isArray(value) ? Number(name) : name]);
    return value;
  };

  const merge = (base: unknown, over: unknown, file: string, steps: readonly Step[]): unknown => {
    if (isObject(base) && isObject(over)) {
      const merged = new Map(Object.entries(base));
      for (const [name, part] of Object.entries(over))
        if (part === null && merged.has(name)) merged.delete(name);
        else merged.set(name, merge(merged.get(name), part, file, [...steps, name]));
      return Object.fromEntries(merged);
    }
    if (Array.isArray(base) && formatPath(steps) === 'targets') {
      const changes = changesOfTargets(over);
      const mergeOne: MergeTarget = (earlier, target, index) => merge(earlier, target, file, [...steps, index]);
      if (changes !== undefined) return mergeTargets(base, changes, mergeOne, (name) => unknown.push([name, file]));
    }
    return take(over, file, steps);
  };

  const unknown: (readonly [string, string])[] = [];
  const merged = files.reduce<unknown>((base, { name, value: over }) => merge(base, over, name, []), undefined);
  const { value, kept } = withoutRemoved(merged);
  return {
    value,
    fileOf: (path) => {
      // A removed target counts in the places of the values.
      const placed = path.replace(/^targets\[(\d+)\]/, (_, index) => `targets[${kept[Number(index)] ?? index}]`);
      for (let place = placed; place !== ''; place = place.replace(lastStep, ''))
        if (origins.has(place)) return origins.get(place) ?? first.name;
      return first.name;
    },
    mistakes: unknown.map(([name, file]) =>
      errorAt('config.unknownKey', ['targets', name], `removes a target that no earlier file has (${file})`),
    ),
  };
}

/** The last step of a path that `formatPath` wrote. */
const lastStep = /(?:(?:^|\.)[^.[\]"]+|\[\d+\]|\["(?:[^"\\]|\\.)*"\])$/;

/** In the place of a target that an overlay removes, so that the others keep their places until the end. */
const removed = Symbol('removed');

type MergeTarget = (earlier: unknown, target: unknown, index: number) => unknown;

/** What an overlay states about targets: a list of them, or an object by their names. */
function changesOfTargets(over: unknown): readonly unknown[] | undefined {
  if (Array.isArray(over)) return over as readonly unknown[];
  if (!isObject(over)) return undefined;
  return Object.entries(over).map(([name, target]) =>
    target === null ? { name, [removed]: true } : isObject(target) ? { name, ...target } : target,
  );
}

function mergeTargets(
  base: readonly unknown[],
  changes: readonly unknown[],
  merge: MergeTarget,
  onUnknown: (name: string) => void,
): readonly unknown[] {
  const merged = [...base];
  for (const target of changes) {
    const name = nameOf(target);
    const known = name === undefined ? -1 : merged.findIndex((one) => nameOf(one) === name);
    const index = known === -1 ? merged.length : known;
    if (!isObject(target) || !(removed in target)) merged[index] = merge(merged[index], target, index);
    else if (known === -1) onUnknown(String(name));
    else merged[index] = removed;
  }
  return merged;
}

/** @returns `kept`: where the remaining targets were before */
function withoutRemoved(value: unknown): { readonly value: unknown; readonly kept: readonly number[] } {
  const targets = isObject(value) ? value['targets'] : undefined;
  const all: readonly unknown[] = Array.isArray(targets) ? targets : [];
  if (!isObject(value) || !all.includes(removed)) return { value, kept: [] };
  const kept = all.flatMap((target, index) => (target === removed ? [] : [index]));
  return { value: { ...value, targets: all.filter((target) => target !== removed) }, kept };
}

const nameOf = (target: unknown): unknown => (isObject(target) ? target['name'] : undefined);

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

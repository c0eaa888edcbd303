import { formatPath, type Step } from '../issues.ts';

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
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Lays each file over those before it: objects are merged by key, targets by name, and any other value replaces the
 * earlier one. Null removes the earlier value.
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
    if (Array.isArray(base) && Array.isArray(over) && formatPath(steps) === 'targets')
      return mergeTargets(base, over, (earlier, target, index) => merge(earlier, target, file, [...steps, index]));
    return take(over, file, steps);
  };

  const value = files.reduce<unknown>((base, { name, value: over }) => merge(base, over, name, []), undefined);
  return {
    value,
    fileOf: (path) => {
      for (let place = path; place !== ''; place = place.replace(lastStep, ''))
        if (origins.has(place)) return origins.get(place) ?? first.name;
      return first.name;
    },
  };
}

/** The last step of a path that `formatPath` wrote. */
const lastStep = /(?:(?:^|\.)[^.[\]"]+|\[\d+\]|\["(?:[^"\\]|\\.)*"\])$/;

function mergeTargets(
  base: readonly unknown[],
  over: readonly unknown[],
  merge: (earlier: unknown, target: unknown, index: number) => unknown,
): readonly unknown[] {
  const merged = [...base];
  for (const target of over) {
    const name = nameOf(target);
    const known = name === undefined ? -1 : merged.findIndex((one) => nameOf(one) === name);
    const index = known === -1 ? merged.length : known;
    merged[index] = merge(merged[index], target, index);
  }
  return merged;
}

const nameOf = (target: unknown): unknown => (isObject(target) ? target['name'] : undefined);

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

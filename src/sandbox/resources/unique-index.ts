/** Which resources have a value of one attribute: at most one, unless copied resources shared it already. */
export interface UniqueIndex {
  readonly attribute: string;
  /** Ids of the resources with this value. */
  owners(value: string): readonly string[];
  add(value: string, id: string): void;
  remove(value: string, id: string): void;
}

/** @param normalise values that become equal by it count as one */
export function createUniqueIndex(attribute: string, normalise: (value: string) => string): UniqueIndex {
  const ids = new Map<string, string | readonly string[]>();
  const owners = (value: string): readonly string[] => {
    const found = ids.get(normalise(value)) ?? [];
    return typeof found === 'string' ? [found] : found;
  };
  const save = (value: string, [only, ...others]: readonly string[]): void => {
    if (only === undefined) ids.delete(normalise(value));
    else ids.set(normalise(value), others.length === 0 ? only : [only, ...others]);
  };
  return {
    attribute,
    owners,
    add: (value, id) => save(value, [...owners(value), id]),
    remove: (value, id) =>
      save(
        value,
        owners(value).filter((each) => each !== id),
      ),
  };
}

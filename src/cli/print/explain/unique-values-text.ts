import type { UniqueCandidates } from '../../../desired/desire.ts';
import type { FlatResource } from '../../../model/resource.ts';
import { foldUnique, type UniqueValue } from '../../../model/target/unique-value.ts';
import type { ValueHolder } from '../../../store/store.ts';

/** How a record got its unique values: which of its values it has, and who has the others. */
export interface UniqueValueFacts {
  readonly candidates: UniqueCandidates;
  readonly assigned: FlatResource;
  readonly holderOf: (value: UniqueValue) => ValueHolder | undefined;
}

/** One line for each path: the values in the order in which they are tried, up to the assigned one. */
export function uniqueValueTexts({
  candidates,
  assigned,
  holderOf,
}: UniqueValueFacts): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...candidates].map(([path, values]) => {
      const value = assigned[path];
      const own = values.findIndex((one) => typeof value === 'string' && foldUnique(one) === foldUnique(value));
      const tried = own === -1 ? values : values.slice(0, own);
      const shown = tried.slice(0, maxShown).map((one) => {
        const text = JSON.stringify(one);
        const holder = holderOf({ path, value: one });
        return holder === undefined
          ? `${text} is free now, and not used, because a value stays with its person`
          : `${holderText(holder)} ${text}`;
      });
      const more = tried.length > shown.length ? [`and ${tried.length - shown.length} more`] : [];
      return [path, [...shown, ...more].map((line) => `      ${line}`)];
    }),
  );
}

/** How many values are listed. */
const maxShown = 10;

function holderText(holder: ValueHolder): string {
  switch (holder.kind) {
    case 'record':
      return `key ${holder.key} has`;
    case 'account':
      return `the account ${holder.id}, which no record owns, has`;
    case 'target':
      return 'the target refused';
  }
}

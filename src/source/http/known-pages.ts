import { createHash } from 'node:crypto';
import type { ActiveCondition } from '../row-condition.ts';
import type { SourcePart } from '../source.ts';
import { parserVersion } from '../table/parse-signature.ts';
import { placesOf } from '../table/settings.ts';
import type { HttpSettings } from './settings.ts';
import type { PageValidator } from './validators.ts';

/** The pages of each part. */
export type PartPages = ReadonlyMap<SourcePart, readonly PageValidator[]>;

/** Writes the pages of a reading as a text that the state keeps, and reads it again. */
export interface KnownPages {
  /** @returns undefined: a page has no validator, or there are too many pages */
  toText(parts: ReadonlyMap<SourcePart, readonly PageValidator[] | undefined>): string | undefined;
  /** @returns undefined: the reading had other settings */
  fromText(text: string): PartPages | undefined;
}

/** Lists with more pages are always read. */
const maxPages = 1000;

/** A page without what the configuration states: its URL may contain a secret. */
interface StoredPage extends Omit<PageValidator, 'url'> {
  readonly path: string;
  /** Name and value of each parameter of the query; a name alone has the value of the configured URL. */
  readonly query: readonly (readonly [name: string, value?: string])[];
}

interface Stored {
  readonly settings: string;
  readonly parts: readonly (readonly [SourcePart, readonly StoredPage[]])[];
}

/** @param activeCondition as for files */
export function createKnownPages(settings: HttpSettings, activeCondition: ActiveCondition | undefined): KnownPages {
  const places = new Map(placesOf(settings));
  const firstUrl = (part: SourcePart): string => places.get(part)?.url ?? '';
  const digest = settingsDigest(settings, activeCondition);
  return {
    toText(parts) {
      let count = 0;
      const stored: Stored['parts'][number][] = [];
      for (const [part, pages] of parts) {
        if (pages === undefined) return undefined;
        count += pages.length;
        stored.push([part, pages.map((page) => toStored(page, new URL(firstUrl(part))))]);
      }
      return count > maxPages ? undefined : JSON.stringify({ settings: digest, parts: stored } satisfies Stored);
    },
    fromText(text) {
      const stored = JSON.parse(text) as Stored;
      if (stored.settings !== digest) return undefined;
      return new Map(
        stored.parts.map(([part, pages]) => {
          const first = new URL(firstUrl(part));
          const known = pages.map((page, index) => ({
            ...validatorIn(page),
            url: index === 0 ? firstUrl(part) : urlOf(page, first),
          }));
          return [part, known];
        }),
      );
    },
  };
}

function toStored({ url, ...validator }: PageValidator, first: URL): StoredPage {
  const { pathname, searchParams } = new URL(url);
  const query = [...searchParams].map(([name, value]) =>
    first.searchParams.get(name) === value ? ([name] as const) : ([name, value] as const),
  );
  return { ...validator, path: pathname, query };
}

const validatorIn = ({ path: _path, query: _query, ...validator }: StoredPage): Omit<PageValidator, 'url'> => validator;

function urlOf({ path, query }: StoredPage, first: URL): string {
  const url = new URL(path, first);
  const parameters = new URLSearchParams();
  for (const [name, value = first.searchParams.get(name) ?? ''] of query) parameters.append(name, value);
  url.search = parameters.toString();
  return url.href;
}

/** A digest of all settings that decide which records the answers are. Conditions are objects with a text. */
function settingsDigest(settings: HttpSettings, activeCondition: ActiveCondition | undefined): string {
  const { users, groups, memberships, headers, credentialsName } = settings;
  const inputs = [parserVersion, users, groups, memberships, headers, credentialsName, activeCondition?.text];
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
}

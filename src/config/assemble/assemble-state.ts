import { absolutePath } from '../absolute-path.ts';
import type { Config } from '../config.ts';
import type { ParsedConfig } from '../schema/config-schema.ts';
import type { Secret } from '../secrets/secrets.ts';
import { requireDefined } from './require-defined.ts';

/** The place of the state: paths become absolute, the URL a secret. */
export function stateConfig({
  parsed: { state },
  folder,
  secrets,
}: {
  readonly parsed: ParsedConfig;
  readonly folder: string;
  readonly secrets: ReadonlyMap<string, Secret>;
}): Pick<Config, 'state' | 'postgres'> {
  if (typeof state === 'string') return { state: absolutePath(state, folder) };
  const { schema, caFile, copy } = state.postgres;
  return {
    state: absolutePath(copy ?? './scimsync.db', folder),
    postgres: {
      url: requireDefined(secrets.get('state.postgres.url')),
      schema,
      caFile: caFile === undefined ? undefined : absolutePath(caFile, folder),
      isCopyKept: copy !== undefined,
    },
  };
}

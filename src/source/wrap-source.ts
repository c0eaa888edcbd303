import type { OpenSource, RowBatch, Source, SourceReading } from './source.ts';

/** How the rows of a source are read otherwise. */
export interface RowWrapper {
  /** Part of the signature: rows that were parsed with another one are parsed again. */
  readonly signature: string;
  batches(batches: AsyncIterable<RowBatch>): AsyncIterable<RowBatch>;
}

/** A source with the same rows, whose parsing the wrapper changes. */
export function wrapSource(source: Source, wrapper: RowWrapper): Source {
  const wrapped = (open: OpenSource): OpenSource => wrapOpen(open, wrapper);
  return {
    ...source,
    open: async (signal) => wrapped(await source.open(signal)),
    ...(source.openIfChanged === undefined
      ? {}
      : ({
          async openIfChanged(validator, signal) {
            const open = (await source.openIfChanged?.(validator, signal)) ?? (await source.open(signal));
            return open === 'unchanged' ? open : wrapped(open);
          },
        } satisfies Partial<Source>)),
  };
}

function wrapOpen(open: OpenSource, { signature, batches }: RowWrapper): OpenSource {
  return {
    ...open,
    signature: (usedAttributes) => `${open.signature(usedAttributes)} ${signature}`,
    async read(usedAttributes, since, signal) {
      const reading = await open.read(usedAttributes, since, signal);
      const { reread, batchesBeside } = reading;
      return {
        ...reading,
        batches: batches(reading.batches),
        ...(batchesBeside === undefined
          ? {}
          : ({
              batchesBeside: (known) => batches(batchesBeside.call(reading, known)),
            } satisfies Partial<SourceReading>)),
        ...(reread === undefined
          ? {}
          : ({
              reread: (stale, stop) => batches(reread.call(reading, stale, stop)),
            } satisfies Partial<SourceReading>)),
      };
    },
  };
}

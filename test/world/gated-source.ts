import type { SourceSpec } from '../../src/sync/context.ts';
import type { SourceReading } from '../../src/source/source.ts';

/** The source, whose next batch arrives when `gate` resolves; an error of `gate` ends the reading. */
export function gatedSource(spec: SourceSpec, gate: (batch: number) => Promise<void>): SourceSpec {
  const { source } = spec;
  return {
    ...spec,
    source: {
      ...source,
      async open(signal) {
        const open = await source.open(signal);
        return {
          ...open,
          async read(...parameters) {
            const reading = await open.read(...parameters);
            const batches = async function* (): SourceReading['batches'] & AsyncGenerator {
              let count = 0;
              for await (const batch of reading.batches) {
                await gate(count);
                count += 1;
                yield batch;
              }
            };
            return { ...reading, batches: batches() };
          },
        };
      },
    },
  };
}

/** A promise that a test resolves. */
export function createGate(): { readonly opened: Promise<void>; open(): void; fail(error: Error): void } {
  let open = (): void => undefined;
  let fail = (_: Error): void => undefined;
  const opened = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { opened, open: () => open(), fail: (error) => fail(error) };
}

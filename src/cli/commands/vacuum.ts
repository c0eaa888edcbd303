import { OperatorError } from '../../model/errors.ts';
import { withStoreBetweenPasses, type Context, type ExitCode } from '../context.ts';
import { sizeText } from '../print/format.ts';

/** `vacuum`: rewrites the state without the space that is free in it. Passes wait for it. */
export async function vacuumCommand(context: Context): Promise<ExitCode> {
  const { config, console, shared } = context;
  if (shared !== undefined) {
    console.out(`${shared.place}: PostgreSQL gives free space back by itself (autovacuum). Nothing was done.`);
    return 0;
  }
  const { bytesBefore, bytesAfter } = await withStoreBetweenPasses(context, (store) => store.retention.rewrite()).catch(
    (error: unknown) => {
      throw isDiskFull(error) ? diskFull(config.state, error) : error;
    },
  );
  console.out(
    `Rewrote ${config.state}: ${sizeText(bytesBefore)} before, ${sizeText(bytesAfter)} now. ` +
      'From now on, each pass gives free space back.',
  );
  return 0;
}

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && (error as { readonly code?: unknown }).code === 'SQLITE_FULL';

const diskFull = (file: string, cause: unknown): OperatorError =>
  new OperatorError(
    'state.diskFull',
    `${file} cannot be rewritten, because the disk has no room for a second one. The state is as it was. Free as ` +
      'much space as the file has, then run "scimsync vacuum" again.',
    1,
    { cause },
  );

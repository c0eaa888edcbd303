import { OperatorError } from '../../model/errors.ts';
import { withStateBeside, type Context } from '../context.ts';
import { openChannels } from './open-channels.ts';
import { notifyChannels } from './notify-channels.ts';

/**
 * Runs a pass, and then notifies the channels; also after an error. The state is no longer locked then.
 * What fails in the notifications is logged, and has no effect on the result of the pass.
 */
export async function notifyAfter<T>(context: Context, pass: () => Promise<T>): Promise<T> {
  const channels = openChannels(context);
  try {
    return await pass();
  } finally {
    await notifyChannels(context, channels, (action) => withStateBeside(context, action)).catch((error: unknown) => {
      if (!(error instanceof OperatorError)) context.log.warn({ err: error }, 'notifications wait for the next pass');
      else context.log.warn({ code: error.code, reason: error.message }, 'notifications wait for the next pass');
    });
  }
}

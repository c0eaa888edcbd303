import { OperatorError } from '../../model/errors.ts';
import { visibleLine } from '../../model/text/visible.ts';
import type { Context } from '../context.ts';
import type { CheckReport } from '../print/check-report.ts';
import { openChannels } from './open-channels.ts';

/**
 * Tests whether each channel can be reached, without a notification. A channel that cannot is a warning: passes do not
 * depend on it.
 *
 * @returns whether the settings of all channels can be used
 */
export async function checkChannels(context: Context, report: CheckReport): Promise<boolean> {
  try {
    const answers = await Promise.all(
      openChannels(context).map(async ({ rules: { name }, check }) => ({ name, ...(await check(context.stop)) })),
    );
    for (const { name: channel, kind, detail } of answers) {
      const text = visibleLine(context.redact(detail), false);
      if (kind === 'accepted')
        report.fact([`channel ${channel}: ${text}`], { type: 'channel', channel, reachable: true, detail: text });
      else report.problem('warning', 'configuration', `the channel ${channel} cannot be used: ${text}`);
    }
    return true;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    report.problem('error', 'configuration', error.message, error.code);
    return false;
  }
}

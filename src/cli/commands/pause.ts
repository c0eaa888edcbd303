import { hostname } from 'node:os';
import { OperatorError } from '../../model/errors.ts';
import { suggestion } from '../../model/nearest-name.ts';
import { formatTime } from '../../model/time.ts';
import { realClock } from '../clock.ts';
import { actionBy, withStateBeside, type Context, type ExitCode } from '../context.ts';
import { pauseText } from '../print/suspensions-text.ts';

/** `pause TARGET`: passes and the daemon leave the target alone until `resume`. */
export async function pauseCommand(context: Context, name: string, reason: string | undefined): Promise<ExitCode> {
  const { config, operator, console } = context;
  requireTarget(
    name,
    config.targets.map((target) => target.name),
  );
  const message = await withStateBeside(context, (store) =>
    store.command(async ({ suspensions, journal, notices }) => {
      const earlier = suspensions.pauses().find(({ target }) => target === name);
      if (earlier !== undefined)
        return (
          `${name} is already ${pauseText(earlier)}. Nothing was changed; ` +
          `"scimsync resume ${name}" ends the pause.`
        );
      const at = realClock.now();
      await suspensions.pause({ target: name, begun: { at, operator, host: hostname() }, reason });
      await notices.leave({ command: 'pause', target: name }, at);
      const because = reason === undefined ? '' : `: ${reason}`;
      await journal.recordAction(actionBy(context, at, `paused target ${name}${because}`));
      return (
        `${name} is paused. Passes and the daemon neither read nor change it, and people who leave keep their access ` +
        `there, until "scimsync resume ${name}".`
      );
    }),
  );
  console.out(message);
  return 0;
}

/** `resume TARGET`: the next pass carries out what changed since the pause. */
export async function resumeCommand(context: Context, name: string): Promise<ExitCode> {
  const { config, operator, console } = context;
  const message = await withStateBeside(context, (store) =>
    store.command(async ({ suspensions, journal, notices }) => {
      const pauses = suspensions.pauses();
      const pause = pauses.find(({ target }) => target === name);
      if (pause === undefined) {
        const names = [...config.targets.map((target) => target.name), ...pauses.map(({ target }) => target)];
        requireTarget(name, [...new Set(names)]);
        return `${name} is not paused. Nothing was changed.`;
      }
      const at = realClock.now();
      await suspensions.resume(name, { at, operator, host: hostname() });
      await notices.leave({ command: 'resume', target: name }, at);
      const since = formatTime(pause.begun.at);
      await journal.recordAction(actionBy(context, at, `resumed target ${name}, paused since ${since}`));
      return `${name} is no longer paused. The next pass carries out what changed since ${since}.`;
    }),
  );
  console.out(message);
  return 0;
}

function requireTarget(name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  throw new OperatorError(
    'commandLine.unknownTarget',
    `unknown target: ${name}; the configuration has ${names.join(', ')}${suggestion(name, names)}`,
    4,
  );
}

import { hostname } from 'node:os';
import { OperatorError } from '../../model/errors.ts';
import { suggestion } from '../../model/nearest-name.ts';
import { visibleLine } from '../../model/text/visible.ts';
import { testNotification } from '../../notify/notification.ts';
import { realClock } from '../clock.ts';
import type { Context, ExitCode } from '../context.ts';
import { openChannels } from './open-channels.ts';

/** Options of `notify`. */
export interface NotifyFlags {
  /** The names of channels; `true`: all. */
  readonly test: true | readonly string[];
  readonly json: boolean;
}

/** `notify --test`: sends a test notification through channels, and shows what they answered. Needs no state. */
export async function notifyCommand(context: Context, { test, json }: NotifyFlags): Promise<ExitCode> {
  const { config, console, redact } = context;
  const known = config.notify.map(({ name }) => name);
  const names = test === true ? known : test;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new OperatorError(
      'commandLine.unknownChannel',
      `unknown channel: ${unknown}; "notify" of the configuration has ${known.join(', ') || 'no channel'}` +
        suggestion(unknown, known),
      4,
    );
  if (names.length === 0)
    throw new OperatorError(
      'commandLine.unknownChannel',
      'the configuration has no channel: add "notify": [{"name": …, "type": …}]',
      4,
    );
  const channels = openChannels(context).filter(({ rules }) => names.includes(rules.name));
  const answers = await Promise.all(
    channels.map(async ({ rules, send }) => {
      const now = realClock.now();
      const { kind, detail } = await send(testNotification({ host: hostname(), now }), now, context.stop);
      return { channel: rules.name, isAccepted: kind === 'accepted', detail: visibleLine(redact(detail), false) };
    }),
  );
  for (const { channel, isAccepted, detail } of answers)
    console.out(
      json
        ? JSON.stringify({ type: 'channel', channel, accepted: isAccepted, detail })
        : `${channel}: ${isAccepted ? 'accepted' : 'not accepted'} (${detail})`,
    );
  return answers.every(({ isAccepted }) => isAccepted) ? 0 : 1;
}

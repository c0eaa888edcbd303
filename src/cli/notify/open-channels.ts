import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NotifyConfig } from '../../config/notify-config.ts';
import { isLoopbackUrl } from '../../config/rules/url-rules.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Json } from '../../model/resource.ts';
import type { Channel } from '../../notify/channel.ts';
import { mailChannel } from '../../notify/mail-channel.ts';
import { webhookChannel, type Post } from '../../notify/webhook-channel.ts';
import { createHttpClient, type HttpSettings } from '../../scim/transport/http.ts';
import type { Context } from '../context.ts';
import { packageFolder, packageVersion } from '../package-folder.ts';
import { inheritedEnvironment } from '../source/inherited-environment.ts';
import { findProgram } from './find-program.ts';
import { reachServer } from './reach-server.ts';
import { runProgram } from './run-program.ts';
import { mailServer } from './mail-server.ts';

/** Opens the channels of the configuration. Sends nothing yet. @throws OperatorError for an unusable setting */
export const openChannels = (context: Pick<Context, 'config' | 'redact'>): readonly Channel[] =>
  context.config.notify.map((channel) => {
    switch (channel.type) {
      case 'webhook':
        return openWebhook(channel);
      case 'mail':
        return mailChannel(channel, channel, mailServer(channel));
      case 'command':
        return openCommand(channel, context);
    }
  });

function openWebhook(channel: Extract<NotifyConfig, { type: 'webhook' }>): Channel {
  const { name, url, secret, shape } = channel;
  requireProtected(name, url.reveal());
  return webhookChannel(
    channel,
    { url, secret, template: templateOf(name, shape) },
    {
      post: postAs(channel),
      reach: (address, signal) => reachServer(address, channel, signal),
    },
  );
}

const openCommand = (
  channel: Extract<NotifyConfig, { type: 'command' }>,
  { config, redact }: Pick<Context, 'config' | 'redact'>,
): Channel => ({
  rules: channel,
  check: async () => findProgram(channel.run[0] ?? '', config.folder, process.env['PATH'] ?? ''),
  send: (notification, _, signal) =>
    runProgram(channel.run, `${JSON.stringify(notification)}\n`, {
      ...{ folder: config.folder, env: inheritedEnvironment(process.env), timeoutMs: channel.timeoutMs },
      ...{ redact, signal },
    }),
});

/** The address is a secret, so the message does not show it. */
function requireProtected(name: string, url: string): void {
  if (URL.canParse(url) && (new URL(url).protocol === 'https:' || (/^http:/i.test(url) && isLoopbackUrl(url)))) return;
  throw new OperatorError(
    'config.invalid',
    `the url of the channel ${name} must begin with https://, or with http:// at this machine`,
    4,
  );
}

function templateOf(name: string, shape: string | undefined): Json | undefined {
  if (shape === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(join(packageFolder, 'config', 'notifications', `${shape}.json`), 'utf8')) as Json;
  } catch (cause) {
    throw new OperatorError(
      'config.invalid',
      `the shape ${shape} of the channel ${name} is not known: config/notifications has no usable ${shape}.json`,
      4,
      { cause },
    );
  }
}

/** Each notification has a connection of its own: they are rare. */
const postAs =
  ({ timeoutMs, proxy }: Pick<HttpSettings, 'timeoutMs' | 'proxy'>): Post =>
  async (url, headers, body, signal) => {
    const client = createHttpClient({ concurrency: 1, timeoutMs, proxy, userAgent: `scimsync/${packageVersion()}` });
    try {
      const result = await client.send({ method: 'POST', url, headers, body }, signal);
      return result.kind === 'response'
        ? { status: result.transportStatus ?? result.status, text: result.text }
        : { failure: result.detail };
    } finally {
      client.close();
    }
  };

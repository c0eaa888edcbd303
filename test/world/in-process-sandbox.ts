import { createSandbox, type InProcessSandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { toResponse, type Send } from '../../src/scim/transport/message.ts';
import { seededRandom } from './random.ts';
import { createSkippingClock } from './skipping-clock.ts';

/** A sandbox, and the `Send` that reaches it by function calls instead of HTTP. */
export interface SandboxInProcess {
  readonly sandbox: InProcessSandbox;
  readonly send: Send;
}

export const sandboxToken = 'tok-in-process-4711-secret';

/** Creates a sandbox in process. By default its clock skips all waits. */
export function startInProcessSandbox(options: Partial<SandboxOptions> = {}): SandboxInProcess {
  const sandbox = createSandbox({
    clock: createSkippingClock(),
    random: seededRandom(4711),
    token: sandboxToken,
    ...options,
  });
  return { sandbox, send: sendTo(sandbox) };
}

/** Sends requests to a sandbox in process; a dropped connection is `noResponse`, as over HTTP. */
function sendTo(sandbox: InProcessSandbox): Send {
  return async ({ method, url, headers, body = '' }) => {
    const { pathname, search } = new URL(url);
    const response = await sandbox.handle({
      method,
      url: `${pathname}${search}`,
      headers: { host: '127.0.0.1', 'user-agent': 'scimsync/test', ...headers },
      text: () => Promise.resolve(body),
    });
    if (response === undefined) return { kind: 'noResponse', detail: 'socket hang up' };
    const text = response.body === undefined ? (response.text ?? '') : JSON.stringify(response.body);
    return toResponse(response.status, response.headers, text);
  };
}

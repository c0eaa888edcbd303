import type { Console } from '../console.ts';
import type { FilledDouble } from './open-double.ts';

/** Prints where doubles can be reached, and keeps them until a signal. */
export async function serveUntilStopped(
  { console, stop }: { readonly console: Console; readonly stop: AbortSignal },
  doubles: readonly FilledDouble[],
  json: boolean,
): Promise<void> {
  for (const { target, sandbox, token } of doubles) {
    const page = `http://127.0.0.1:${sandbox.port}/?token=${token}`;
    if (json) console.out(JSON.stringify({ type: 'double', target: target.name, url: sandbox.url, token, page }));
    else for (const line of addressText({ url: sandbox.url, token, page })) console.out(line);
  }
  await untilAborted(stop);
}

/** Where a sandbox can be reached, for a person. */
export const addressText = ({
  url,
  token,
  page,
}: Readonly<Record<'url' | 'token' | 'page', string>>): readonly string[] => [
  `url    ${url}`,
  `token  ${token}`,
  `page   ${page}`,
];

/** Resolves once the signal is aborted. */
export const untilAborted = (stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => resolve(), { once: true });
  });

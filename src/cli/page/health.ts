import type { Config } from '../../config/config.ts';
import type { Health } from '../../page/server/page-app.tsx';
import { realClock } from '../clock.ts';
import { openView } from '../context.ts';
import type { FromPage, PageQuestion, ToPage } from './page-messages.ts';

/** An event loop that does not answer for this time is stuck. */
const answerMs = 5_000;

/** Questions without an answer; a daemon that is stuck gets no more. */
const maxOpen = 100;

/** Metrics in the text format of Prometheus, version 0.0.4. */
const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

/** What the health of the daemon is judged by, besides its answers. */
export interface HealthIo extends Pick<Health, 'readiness'> {
  /** What the state shows, in the text format of Prometheus. */
  readonly stateMetrics: () => Promise<string>;
}

/** Asks the daemon, and looks at the state. */
export function createHealth(
  { readiness, stateMetrics }: HealthIo,
  send: (message: FromPage) => void,
  onMessage: (receive: (message: ToPage) => void) => void,
): Health {
  const open = new Map<number, (text: string) => void>();
  let last = 0;
  onMessage((message) => {
    if (message.type === 'answer') open.get(message.id)?.(message.text);
  });
  /** @returns undefined if the daemon does not answer */
  const ask = async (about: PageQuestion['about']): Promise<string | undefined> => {
    if (open.size >= maxOpen) return undefined;
    const id = (last += 1);
    const answered = new Promise<string>((resolve) => {
      open.set(id, resolve);
    });
    const ended = new AbortController();
    send({ type: 'question', id, about });
    try {
      return await Promise.race([answered, realClock.sleep(answerMs, ended.signal).then(() => undefined)]);
    } finally {
      ended.abort();
      open.delete(id);
    }
  };
  return {
    isAlive: async () => (await ask('life')) !== undefined,
    readiness,
    async metrics() {
      const [daemon, state] = await Promise.all([ask('metrics'), stateMetrics()]);
      return daemon === undefined ? undefined : { type: metricsType, text: `${daemon}\n${state}` };
    },
  };
}

/** Why passes of a configuration cannot run. A single target that is down is no reason: the others are served. */
export async function whyNotReady(config: Config): Promise<readonly string[]> {
  try {
    const view = openView(config);
    if (view === undefined) return ['there is no state yet: no pass has run'];
    try {
      return (await view.mirror.last()) === undefined ? ['no reading of the source was accepted yet'] : [];
    } finally {
      view.close();
    }
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

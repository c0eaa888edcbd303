import type { DaemonMetrics } from '../../metrics/daemon-metrics.ts';
import { realClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { measuredPass } from '../watch/measure-pass.ts';
import type { PassWatch } from '../watch/pass-watch.ts';
import type { PageProcess } from './start-page.ts';

/** The page of the daemon, if the configuration has one, and how passes are measured for it. */
export interface DaemonPage {
  /** Runs a pass, with what measures it. */
  measured<T>(pass: (watch: PassWatch | undefined) => Promise<T>): Promise<T>;
  /** The configuration was reloaded: the page starts again with it, and what was counted stays. */
  reload(context: Context): void;
  stop(): Promise<void>;
}

/** Starts the page that the configuration asks for. Without one, nothing is measured. */
export async function openPage(context: Context): Promise<DaemonPage> {
  let metrics: DaemonMetrics | undefined;
  let running: PageProcess | undefined;
  const start = async (current: Context): Promise<void> => {
    await running?.stop();
    running = undefined;
    const { page, targets } = current.config;
    if (page === undefined) return;
    const { createDaemonMetrics } = await import('../../metrics/daemon-metrics.ts');
    const { startPage, withoutSecrets } = await import('./start-page.ts');
    const measuring = (metrics ??= createDaemonMetrics(realClock));
    measuring.configure(
      targets.map(({ name, profile }) => ({ name, requestsPerSecond: profile.limits.requestsPerSecond })),
    );
    const served = { kind: 'one', config: withoutSecrets(current.config) } as const;
    running = startPage(current, page, { served: () => served, metrics: measuring.text });
  };
  let changing = start(context);
  await changing;
  return {
    measured: (pass) => measuredPass(metrics, pass),
    reload(next) {
      changing = changing.then(() => start(next));
    },
    async stop() {
      await changing;
      await running?.stop();
    },
  };
}

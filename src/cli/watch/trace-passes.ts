import type { PassTrace } from '../../tracing/pass-trace.ts';
import { defaultTimeoutsMs, readTracingSettings } from '../../tracing/settings.ts';
import { realClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { packageVersion } from '../package-folder.ts';
import type { PassWatch } from './pass-watch.ts';

/** The traces of the passes of a command. */
export interface Traces {
  /**
   * Runs a pass, with what traces it; undefined: it is not traced.
   *
   * @param exitOf its exit code
   * @param attributes of its span
   */
  traced<T>(
    pass: (watch: PassWatch | undefined) => Promise<T>,
    exitOf: (result: T) => number,
    attributes?: Readonly<Record<string, string>>,
  ): Promise<T>;
  /** Exports what is left. */
  end(): Promise<void>;
}

const withoutTraces: Traces = {
  traced: (pass) => pass(undefined),
  end: () => Promise.resolve(),
};

/** Exports traces if the usual variables of OpenTelemetry ask for them; otherwise loads nothing. */
export async function startTraces(
  { log }: Pick<Context, 'log'>,
  env: NodeJS.ProcessEnv,
  command: keyof typeof defaultTimeoutsMs,
): Promise<Traces> {
  const settings = readTracingSettings(env, defaultTimeoutsMs[command]);
  if (settings === undefined) return withoutTraces;
  if ('unusable' in settings) {
    log.warn(`there are no traces: ${settings.unusable}`);
    return withoutTraces;
  }
  let hasFailed = false;
  const { openTracer } = await import('../../tracing/open-tracer.ts');
  const { beginPassTrace } = await import('../../tracing/pass-trace.ts');
  const { tracer, end } = await openTracer(settings, packageVersion(), (reason) => {
    if (!hasFailed) log.warn({ reason: firstLine(reason) }, 'traces cannot be exported; passes go on without them');
    hasFailed = true;
  });
  return {
    async traced(pass, exitOf, attributes = {}) {
      const trace = beginPassTrace(tracer, realClock, attributes);
      let exit: number | undefined;
      try {
        const result = await pass(watchOf(trace));
        exit = exitOf(result);
        return result;
      } finally {
        trace.end(exit);
      }
    },
    end,
  };
}

/** The packages report an error as its stack. */
const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

const watchOf = (trace: PassTrace): PassWatch => ({
  event: trace.event,
  lane(target, lane) {
    const end = trace.lane(target);
    return {
      ...lane,
      async leave(left) {
        end(left);
        await lane.leave(left);
      },
    };
  },
  intercept:
    (target) =>
    (send) =>
    async (...request) => {
      const end = trace.request(target, request[0].method, request[0].url);
      const result = await send(...request);
      end(result.kind === 'response' ? result.status : undefined);
      return result;
    },
});

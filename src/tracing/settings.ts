/** The variables of the environment that decide whether traces are exported, and in which form. */
type Environment = Readonly<Record<string, string | undefined>>;

/** How traces are exported. The address, the headers, the sampler and limits are read by the packages themselves. */
export interface TracingSettings {
  readonly encoding: 'protobuf' | 'json';
  /** One export takes at most this time, in ms. */
  readonly timeoutMs: number;
}

/** The settings, or why the environment asks for traces that cannot be exported. */
export type ReadSettings = TracingSettings | { readonly unusable: string } | undefined;

/**
 * Limits of an export, in ms. A process ends only after its last export, so they are shorter than the 10 s of the
 * specification. The packages repeat an export after 0.8 s to 1.2 s: a daemon does so once, and a single pass does not
 * wait for it.
 */
export const defaultTimeoutsMs = { daemon: 2_000, sync: 700 } as const;

const encodings: Readonly<Record<string, TracingSettings['encoding']>> = {
  'http/protobuf': 'protobuf',
  'http/json': 'json',
};

/**
 * Reads what the environment asks for; OpenTelemetry, Environment Variable Specification and OTLP exporter
 * configuration.
 *
 * @param defaultTimeoutMs where the environment has no limit
 * @returns undefined: no traces
 */
export function readTracingSettings(env: Environment, defaultTimeoutMs: number): ReadSettings {
  const valueOf = (...names: readonly string[]): string | undefined =>
    names.map((name) => env[name]?.trim()).find((value) => value !== undefined && value !== '');
  const endpoint = valueOf('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT');
  if (endpoint === undefined || valueOf('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  const exporter = valueOf('OTEL_TRACES_EXPORTER') ?? 'otlp';
  if (exporter === 'none') return undefined;
  if (exporter !== 'otlp') return { unusable: `OTEL_TRACES_EXPORTER is ${exporter}; possible are otlp and none` };
  if (!URL.canParse(endpoint)) return { unusable: 'the endpoint of OTLP is not a URL, such as http://127.0.0.1:4318' };
  const protocol = valueOf('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/protobuf';
  const encoding = encodings[protocol];
  if (encoding === undefined)
    return { unusable: `the protocol of OTLP is ${protocol}; possible are ${Object.keys(encodings).join(' and ')}` };
  const timeoutMs = Number(valueOf('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'));
  return { encoding, timeoutMs: timeoutMs > 0 ? timeoutMs : defaultTimeoutMs };
}

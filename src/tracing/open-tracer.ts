import { diag, DiagLogLevel } from '@opentelemetry/api';
import type { Tracer } from '@opentelemetry/api';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { TracingSettings } from './settings.ts';

/** A tracer whose spans are exported by OTLP, in batches and beside the work. */
export interface OpenTracer {
  readonly tracer: Tracer;
  /** Exports what is left. Never rejects, and takes about as long as one export at most. */
  end(): Promise<void>;
}

/**
 * Opens a tracer. A collector that does not answer loses spans and nothing else: the queue is bounded.
 *
 * @param onProblem is called with what the packages report, such as a collector that refuses spans
 */
export async function openTracer(
  { encoding, timeoutMs }: TracingSettings,
  version: string,
  onProblem: (message: string) => void,
): Promise<OpenTracer> {
  diag.setLogger(
    { error: onProblem, warn: onProblem, info: () => undefined, debug: () => undefined, verbose: () => undefined },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const exporter = await createExporter(encoding, timeoutMs);
  // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES. The detectors of the process would export its command line.
  const configured = detectResources({ detectors: [envDetector] });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'scimsync', 'service.version': version }).merge(configured),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  return {
    tracer: provider.getTracer('scimsync', version),
    end: () => provider.shutdown().catch(() => undefined),
  };
}

async function createExporter(encoding: TracingSettings['encoding'], timeoutMillis: number): Promise<SpanExporter> {
  const { OTLPTraceExporter } =
    encoding === 'json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter({ timeoutMillis });
}

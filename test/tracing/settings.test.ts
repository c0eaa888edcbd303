import { expect, test } from '@jest/globals';
import { readTracingSettings } from '../../src/tracing/settings.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
const defaults = { encoding: 'protobuf', timeoutMs: 900 };

test.each<[string, Readonly<Record<string, string>>, unknown]>([
  ['nothing is set', {}, undefined],
  ['the endpoint is blank', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, undefined],
  ['an endpoint', endpoint, defaults],
  ['an endpoint of traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://otel.example/v1/traces' }, defaults],
  ['it is disabled', { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }, undefined],
  ['traces are not exported', { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }, undefined],
  [
    'another exporter',
    { ...endpoint, OTEL_TRACES_EXPORTER: 'zipkin' },
    { unusable: expect.stringContaining('zipkin') },
  ],
  ['no URL', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' }, { unusable: expect.stringContaining('not a URL') }],
  ['JSON', { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, { ...defaults, encoding: 'json' }],
  [
    'another protocol of traces',
    { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' },
    { unusable: 'the protocol of OTLP is grpc; possible are http/protobuf and http/json' },
  ],
  ['a time limit', { ...endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: '500' }, { ...defaults, timeoutMs: 500 }],
  ['a wrong time limit', { ...endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' }, defaults],
])('%s', (_, env, expected) => {
  expect(readTracingSettings(env, 900)).toEqual(expected);
});

import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type { Clock } from '../model/clock.ts';
import type { PassEvent } from '../sync/events.ts';
import type { LaneEnd } from '../sync/lanes/lanes.ts';
import { requestTemplate } from './request-template.ts';

/** The spans of one pass: below it the readings and the lanes; below a lane its planning and its requests. */
export interface PassTrace {
  event(event: PassEvent): void;
  /** A target takes part. @returns the function that ends it */
  lane(target: string): (end: LaneEnd) => void;
  /** A request is sent. @returns the function that ends it, with the status; undefined: there was no response */
  request(target: string, method: string, url: string): (status: number | undefined) => void;
  /** @param exit exit code; undefined: the pass ended by an error */
  end(exit: number | undefined): void;
}

/**
 * Begins the trace of a pass. Attributes are names of targets and sources, numbers and kinds: nothing about a person,
 * no address, and no text of an error.
 *
 * @param attributes of the span of the pass
 */
export function beginPassTrace(
  tracer: Tracer,
  clock: Pick<Clock, 'now'>,
  attributes: Readonly<Record<string, string>> = {},
): PassTrace {
  const pass = tracer.startSpan('pass', { attributes }, ROOT_CONTEXT);
  const inPass = trace.setSpan(ROOT_CONTEXT, pass);
  /** By the name of a joined source; undefined: the primary one. */
  const readings = new Map<string | undefined, Span>();
  const lanes = new Map<string, Span>();
  const contextOf = (target: string): Context => {
    const lane = lanes.get(target);
    return lane === undefined ? inPass : trace.setSpan(ROOT_CONTEXT, lane);
  };
  const endReading = (source: string | undefined): void => {
    readings.get(source)?.end();
    readings.delete(source);
  };
  return {
    event(event) {
      const { type, source } = event;
      if (type === 'reading') {
        // A full read may follow an incremental one that was not possible.
        endReading(source);
        const ofSource = source === undefined ? {} : { 'scimsync.source': source };
        readings.set(source, tracer.startSpan('read', { attributes: ofSource }, inPass));
      } else if (type === 'read') {
        const { unchanged, users, groups, memberships } = event;
        readings.get(source)?.setAttributes({
          'scimsync.unchanged': unchanged,
          'scimsync.users': users,
          'scimsync.groups': groups,
          'scimsync.memberships': memberships,
        });
        endReading(source);
      } else if (type === 'planned') {
        const { target, operations, milliseconds } = event;
        const attributes = { 'scimsync.target': target, 'scimsync.operations': operations };
        const startTime = clock.now() - milliseconds;
        tracer.startSpan('plan', { attributes, startTime }, contextOf(target)).end();
      }
    },
    lane(target) {
      const span = tracer.startSpan('lane', { attributes: { 'scimsync.target': target } }, inPass);
      lanes.set(target, span);
      return (end) => {
        span.setAttribute('scimsync.lane.end', end.kind);
        if (end.kind === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
        if (end.kind === 'ended') {
          const { succeeded, failed, skipped, heldOperations, unavailable } = end.report;
          span.setAttributes({
            'scimsync.succeeded': succeeded,
            'scimsync.failed': failed,
            'scimsync.skipped': skipped,
            'scimsync.held': heldOperations,
          });
          if (failed > 0 || unavailable !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end();
      };
    },
    request(target, method, url) {
      const template = requestTemplate(url);
      const attributes = { 'scimsync.target': target, 'http.request.method': method, 'url.template': template };
      const options = { kind: SpanKind.CLIENT, attributes };
      const span = tracer.startSpan(`${method} ${template}`, options, contextOf(target));
      return (status) => {
        if (status !== undefined) span.setAttribute('http.response.status_code', status);
        if (status === undefined || status >= 400) {
          span.setAttribute('error.type', String(status ?? 'no_response'));
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end();
      };
    },
    end(exit) {
      for (const source of readings.keys()) endReading(source);
      if (exit === undefined || exit === 1) pass.setStatus({ code: SpanStatusCode.ERROR });
      if (exit !== undefined) pass.setAttribute('scimsync.exit_code', exit);
      pass.end();
    },
  };
}

import type { Redact } from '../../model/redaction/redactor.ts';
import { toResponse, type SendResult } from './message.ts';

/** Some servers repeat the request with its credentials in the error text, which the journal stores. */
export function redactResult<Result extends SendResult>(result: Result, redact: Redact): Result;
export function redactResult(result: SendResult, redact: Redact): SendResult {
  if (result.kind !== 'response') return { ...result, detail: redact(result.detail) };
  if (result.status < 300) return result;
  const text = redact(result.text);
  return text === result.text ? result : toResponse(result.status, result.headers, text);
}

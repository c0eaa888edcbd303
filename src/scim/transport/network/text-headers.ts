/** Several values of one field are one list (RFC 9110 section 5.3). */
export function textHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  if (areTexts(headers)) return headers;
  const result: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    result[name] = typeof value === 'string' ? value : value === undefined ? '' : value.join(', ');
  }
  return result;
}

/** Whether each field has one value, as in most responses. */
function areTexts(headers: Record<string, string | string[] | undefined>): headers is Record<string, string> {
  for (const name in headers) if (typeof headers[name] !== 'string') return false;
  return true;
}

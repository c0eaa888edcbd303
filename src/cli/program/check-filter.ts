import { compileFilter, FilterSyntaxError } from '../../source/ldap/protocol/filter.ts';

/** What is wrong with an LDAP filter, or undefined. */
export function checkFilter(text: string): string | undefined {
  try {
    compileFilter(text);
    return undefined;
  } catch (error) {
    if (error instanceof FilterSyntaxError) return error.message;
    throw error;
  }
}

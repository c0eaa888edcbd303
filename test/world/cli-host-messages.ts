/** One command line, and the working directory and environment of the process that it would have. */
export interface HostedRun {
  readonly id: number;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
}

/** The end of a run's output, on standard output and on standard error alike. The program never prints a NUL. */
export const endMark = (id: number, code: number): string => `\0${id} ${code}\0`;

/** The output before the mark, and the exit code; undefined as long as the mark is not complete. */
export function splitAtMark(text: string): { readonly output: string; readonly code: number } | undefined {
  const [, output = '', code] = /^([^\0]*)\0\d+ (\d+)\0$/.exec(text) ?? [];
  return code === undefined ? undefined : { output, code: Number(code) };
}

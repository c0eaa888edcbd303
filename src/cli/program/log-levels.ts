/** Values of `--log-level`. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
/** The least severe messages that the log shows; `silent`: no messages. */
export type LogLevel = (typeof logLevels)[number];

/** Whether the host name of a URL is this machine: RFC 6761 section 6.3 and RFC 1122 section 3.2.1.3. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

import { spawn } from 'node:child_process';

/** What a supervisor got, in order: the lines of each message, or that no sign of life came in time. */
export type Received = readonly string[] | 'expired';

/** A supervisor as systemd is one: a datagram socket of Unix, and a limit for the signs of life. */
export interface TestSupervisor {
  readonly received: readonly Received[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Node.js has no datagram sockets of Unix. */
const receiver = `
import json, socket, sys, time
address, limit = sys.argv[1], float(sys.argv[2])
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind('\\0' + address[1:] if address.startswith('@') else address)
print(json.dumps('listening'), flush=True)
deadline = None
while True:
    receiver.settimeout(None if deadline is None else max(0.001, deadline - time.monotonic()))
    try:
        lines = receiver.recv(4096).decode().split('\\n')
    except socket.timeout:
        print(json.dumps('expired'), flush=True)
        deadline = None
        continue
    if lines[0] == 'BARRIER=1':
        continue
    print(json.dumps(lines), flush=True)
    if 'WATCHDOG=1' in lines or ('READY=1' in lines and deadline is None):
        deadline = time.monotonic() + limit
`;

/**
 * Starts a supervisor.
 *
 * @param address a path, or a name in the abstract namespace: `@name`
 * @param limitMs after its first message of readiness, `expired` follows a silence of this time
 */
export async function startSupervisor(address: string, limitMs: number): Promise<TestSupervisor> {
  const child = spawn('python3', ['-c', receiver, address, String(limitMs / 1000)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const received: Received[] = [];
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the supervisor ended')));
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const message = JSON.parse(line) as Received | 'listening';
        if (message === 'listening') resolve();
        else received.push(message);
      }
    });
  });
  return {
    received,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}

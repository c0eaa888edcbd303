/** Waits until a condition is true. @throws Error with `description` after `withinMs` */
export async function waitUntil(
  description: string,
  isTrue: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`no ${description} within ${withinMs} ms`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

/** Waits for a condition, and says what was waited for where it does not come true. */
export async function waitUntil(description: string, isTrue: () => boolean, withinMs = 20_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${description}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

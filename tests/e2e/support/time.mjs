// Waiting with an end. Nothing in these tests sleeps and hopes: they wait for a thing to happen, and say what did not.

export const patience = 10_000; // ms; long, because a sanitizer build on a busy machine is slow; only a failing test waits it out

export async function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/// Asks again until the answer is truthy, for things that can only be polled (REST, another program's output).
export async function eventually(what, probe, ms = patience) {
  const deadline = Date.now() + ms;
  for (;;) {
    const answer = await probe();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Runs `action` when called, but at most once every `ms` and never twice at a time; a call that
 * comes too early is made up for.
 * @param {() => Promise<unknown>} action
 * @param {number} ms
 */
export function atMostEvery(action, ms) {
  let running = false;
  let again = false;
  const run = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      await action();
    } finally {
      setTimeout(() => {
        running = false;
        if (!again) return;
        again = false;
        run();
      }, ms);
    }
  };
  return run;
}

/** Runs what it is given, at most `most` at once, in the order in which it came. */
export function limited(most) {
  const waiting = [];
  let running = 0;

  const startNext = () => {
    if (running >= most || waiting.length === 0) return;
    const { work, resolve, reject } = waiting.shift();
    ++running;
    work().then(resolve, reject).finally(() => {
      --running;
      startNext();
    });
  };

  return work => new Promise((resolve, reject) => {
    waiting.push({ work, resolve, reject });
    startNext();
  });
}

// The present, in steps coarse enough that a page at rest stays at rest.
class Clock {
  minute = $state(Date.now());
}
export const clock = new Clock();
export function start_clock() {
  setInterval(() => {
    if (!document.hidden) clock.minute = Date.now();
  }, 30_000);
}

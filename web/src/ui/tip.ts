// A tooltip on anything: <button {@attach tip(text)}>. One shared element shows the text on hover and on
// keyboard focus, beside the thing, never under the pointer; Escape hides it. Text only, lines kept.
const kDelay_ms = 350;
let bubble: HTMLElement | undefined;
let owner: Element | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

// A tooltip on focus helps those who tab; focus that a dialog moves by itself should not open one.
let tabbed_at = 0;
addEventListener('keydown', (event) => event.key === 'Tab' && (tabbed_at = performance.now()), { capture: true });

function make(): HTMLElement {
  const made = document.createElement('div');
  made.className = 'tip';
  made.id = 'tip';
  made.setAttribute('role', 'tooltip');
  made.setAttribute('popover', 'manual');
  document.body.append(made);
  return made;
}

function show(element: Element, text: string) {
  bubble ??= make();
  owner = element;
  bubble.textContent = text;
  bubble.showPopover();
  const at = element.getBoundingClientRect();
  const size = bubble.getBoundingClientRect();
  const below = at.bottom + 6 + size.height < innerHeight;
  const left = Math.max(4, Math.min(at.left + at.width / 2 - size.width / 2, innerWidth - size.width - 4));
  bubble.style.left = `${left}px`;
  bubble.style.top = `${below ? at.bottom + 6 : Math.max(4, at.top - size.height - 6)}px`;
}

function hide(element?: Element) {
  clearTimeout(timer);
  if (!owner || (element && owner !== element)) return;
  owner = undefined;
  if (bubble?.matches(':popover-open')) bubble.hidePopover();
}

export const tip = (text: string | (() => string)) => (element: Element) => {
  const say = () => (typeof text === 'string' ? text : text());
  const enter = () => {
    clearTimeout(timer);
    timer = setTimeout(() => element.isConnected && show(element, say()), kDelay_ms);
  };
  const leave = () => hide(element);
  const focus = () => performance.now() - tabbed_at < 300 && element.matches(':focus-visible') && show(element, say());
  const key = (event: Event) => (event as KeyboardEvent).key === 'Escape' && hide(element);
  const listeners: [string, (event: Event) => unknown][] = [
    ['pointerenter', enter],
    ['pointerleave', leave],
    ['pointerdown', leave],
    ['focus', focus],
    ['blur', leave],
    ['keydown', key],
  ];
  for (const [name, listener] of listeners) element.addEventListener(name, listener);
  return () => {
    leave();
    for (const [name, listener] of listeners) element.removeEventListener(name, listener);
  };
};

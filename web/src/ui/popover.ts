// Places an element of the top layer beside the thing that opened it; used by menus, pickers, suggestions.
export interface Placement {
  align?: 'start' | 'end';
  match_width?: boolean; // at least as wide as what opened it
}

export function place(popover: HTMLElement, anchor: Element, { align = 'start', match_width = false }: Placement = {}) {
  const at = anchor.getBoundingClientRect();
  if (match_width) popover.style.minWidth = `${at.width}px`;
  const size = popover.getBoundingClientRect();
  const below = innerHeight - at.bottom - 8;
  const above = at.top - 8;
  const up = size.height > below && above > below;
  const left = align === 'start' ? at.left : at.right - size.width;
  popover.style.left = `${Math.max(4, Math.min(left, innerWidth - size.width - 4))}px`;
  popover.style.top = up ? `${Math.max(4, at.top - 4 - Math.min(size.height, above))}px` : `${at.bottom + 4}px`;
  popover.style.maxHeight = `${Math.max(120, up ? above : below)}px`;
}

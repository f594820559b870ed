// Which rows of a long list to draw, from TanStack virtual-core: rows of one height in a scrolling element.
//
//   const rows = window_rows(() => ({ scroller, count: items.length, height: 28 }));
//   rows.now.first, rows.now.last (exclusive), rows.now.above, rows.now.below in pixels · rows.reveal(index)
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';

export interface WindowRows {
  readonly now: { first: number; last: number; above: number; below: number };
  reveal(index: number): void;
}

export function window_rows(given: () => { scroller: HTMLElement | undefined; count: number; height: number; lead?: number }): WindowRows {
  let now = $state.raw({ first: 0, last: Math.min(given().count, 60), above: 0, below: 0 });
  const virtualizer = new Virtualizer<HTMLElement, HTMLElement>({
    count: 0,
    getScrollElement: () => null,
    estimateSize: () => 28,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
  });

  function look(instance: Virtualizer<HTMLElement, HTMLElement>) {
    const items = instance.getVirtualItems();
    const first = items[0];
    const last = items.at(-1);
    now = first && last ? { first: first.index, last: last.index + 1, above: first.start, below: instance.getTotalSize() - last.end } : { first: 0, last: 0, above: 0, below: 0 };
  }
  $effect(() => virtualizer._didMount());
  $effect(() => {
    const { scroller, count, height, lead = 0 } = given();
    virtualizer.setOptions({
      ...virtualizer.options,
      count,
      getScrollElement: () => scroller ?? null,
      estimateSize: () => height,
      overscan: 12,
      scrollPaddingStart: lead,
      onChange: look,
    });
    virtualizer.measure();
    virtualizer._willUpdate();
    look(virtualizer);
  });
  return {
    get now() {
      return now;
    },
    reveal: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
  };
}

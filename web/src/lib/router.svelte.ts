// Where we are, and how to go elsewhere. Links are plain <a href>; clicks on them that the browser would
// open in the same tab are handled here, so middle click, copy and reload work as everywhere.
//
//   here.path, here.search          reactive
//   go('/findings?level=high')      a new entry of the history
//   go(url, { replace: true })      the same entry: for typing, sorting, paging
//   link('/discover', { type: 'vpc_flow' })   an address that keeps time range and account scope
import { set_or_delete } from './url_codec';

export const kShared = ['since', 'from', 'to', 'around', 'within', 'account', 'pins'] as const; // travel with every link

class Place {
  path = $state(location.pathname);
  search = $state.raw(new URLSearchParams(location.search));
}
export const here = new Place();

function arrive(url: URL) {
  if (url.pathname !== here.path) here.path = url.pathname;
  if (url.search !== `?${here.search}`) here.search = new URLSearchParams(url.search);
}

export function go(href: string, options: { replace?: boolean } = {}) {
  const url = new URL(href, location.href);
  if (url.href === location.href) return;
  history[options.replace ? 'replaceState' : 'pushState'](null, '', url);
  arrive(url);
}

export type LinkParams = Record<string, string | number | readonly string[] | null | undefined>;

export function link(path: string, params: LinkParams = {}): string {
  const search = new URLSearchParams();
  for (const key of kShared) set_or_delete(search, key, here.search.get(key));
  for (const [key, value] of Object.entries(params)) {
    set_or_delete(search, key, Array.isArray(value) ? value.map((v: string) => v.replace(/[\\,]/g, '\\$&')).join(',') : value?.toString());
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

function on_click(event: MouseEvent) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const anchor = (event.target as Element | null)?.closest?.('a[href]') as HTMLAnchorElement | null;
  if (!anchor || (anchor.target && anchor.target !== '_self') || anchor.hasAttribute('download')) return;
  const url = new URL(anchor.href, location.href);
  if (url.origin !== location.origin || url.pathname.startsWith('/api/') || (url.pathname === location.pathname && url.hash)) return;
  event.preventDefault();
  go(url.href);
}

export function start_router() {
  document.addEventListener('click', on_click);
  window.addEventListener('popstate', () => arrive(new URL(location.href)));
}

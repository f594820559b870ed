// Every screen: a folder, and a row here. The rail, the palette, the keys and the titles are made from these rows.
import type { Component } from 'svelte';
import type { Key } from '../i18n/index.svelte';
import { match } from '../lib/match';
import type { IconName } from '../ui/icons';

export const groups = ['watch', 'investigate', 'detect', 'admin'] as const;

// What a screen's component is given: the named parts of its path. Everything else it reads from the address itself.
export interface ScreenProps {
  params: Record<string, string>;
}
export interface Screen {
  name: string;
  title: Key;
  group: (typeof groups)[number] | null; // null: not in the rail
  icon: IconName;
  href: string; // where the rail leads
  path: string; // pattern of the addresses it answers
  go?: string; // keys pressed one after the other
  load: () => Promise<{ default: Component<ScreenProps> | Component<Record<string, never>> }>; // those without parts in their path need no props
}

export const screens: readonly Screen[] = [
  { name: 'overview', title: 'overview.title', group: 'watch', icon: 'overview', href: '/', path: '/', go: 'g o', load: () => import('./overview/Overview.svelte') },
  { name: 'live', title: 'live.title', group: 'watch', icon: 'live', href: '/live', path: '/live', go: 'g l', load: () => import('./live/Live.svelte') },
  { name: 'discover', title: 'discover.title', group: 'investigate', icon: 'discover', href: '/discover', path: '/discover', go: 'g d', load: () => import('./discover/Discover.svelte') },
  { name: 'query', title: 'query.title', group: 'investigate', icon: 'query', href: '/query', path: '/query', go: 'g q', load: () => import('./query/Query.svelte') },
  { name: 'entity', title: 'entity.title', group: 'investigate', icon: 'entity', href: '/entity', path: '/entity/:kind?/:value?', go: 'g e', load: () => import('./entity/Entity.svelte') },
  { name: 'findings', title: 'findings.title', group: 'detect', icon: 'findings', href: '/findings', path: '/findings', go: 'g f', load: () => import('./findings/Findings.svelte') },
  { name: 'rules', title: 'rules.title', group: 'detect', icon: 'rules', href: '/rules', path: '/rules/:id?', go: 'g r', load: () => import('./rules/Rules.svelte') },
  { name: 'sources', title: 'sources.title', group: 'admin', icon: 'sources', href: '/sources', path: '/sources', go: 'g s', load: () => import('./sources/Sources.svelte') },
  { name: 'settings', title: 'settings.title', group: 'admin', icon: 'settings', href: '/settings', path: '/settings/:tab?', go: 'g a', load: () => import('./settings/Settings.svelte') },
  { name: 'docs', title: 'docs.title', group: 'investigate', icon: 'help', href: '/docs', path: '/docs', go: 'g h', load: () => import('./docs/Docs.svelte') },
  { name: 'setup', title: 'setup.title', group: null, icon: 'play', href: '/setup', path: '/setup', load: () => import('./setup/Setup.svelte') },
];

export function find_screen(path: string): { screen: Screen; params: Record<string, string> } | undefined {
  for (const screen of screens) {
    const params = match(screen.path, path);
    if (params) return { screen, params };
  }
  return undefined;
}

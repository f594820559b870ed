// What the palette offers. Findings and accounts are asked or filtered as somebody types.
import { choose_language, t } from '../i18n/index.svelte';
import { accounts } from '../lib/accounts.svelte';
import { get } from '../lib/api/client';
import type { FindingList } from '../lib/api/types';
import { preferences, themes } from '../lib/preferences.svelte';
import { range, scope } from '../lib/range.svelte';
import { recognise } from '../lib/recognise';
import { go, link } from '../lib/router.svelte';
import { zones } from '../lib/zone';
import { screens } from '../screens';
import type { IconName } from '../ui/icons';
import { describe_range } from './range_words';

export interface Command {
  id: string;
  label: string;
  group: string;
  icon: IconName;
  words?: string; // more to find it by: names in the other language
  keys?: string;
  run: () => void;
}

function go_to(): Command[] {
  return screens.map((screen) => ({
    id: `go ${screen.name}`,
    label: t(screen.title),
    words: screen.name,
    group: t('shell.command_go'),
    icon: screen.icon,
    keys: screen.go,
    run: () => go(link(screen.href)),
  }));
}

function look_at(): Command[] {
  const spans = ['15m', '1h', '24h', '7d', '30d'].map((since) => ({ kind: 'relative' as const, since }));
  return [{ kind: 'all' as const }, ...spans].map((span) => ({
    id: `time ${'since' in span ? span.since : 'all'}`,
    label: describe_range(span),
    words: `time 期間 ${'since' in span ? span.since : ''}`,
    group: t('shell.time_range'),
    icon: 'clock' as const,
    run: () => range.set(span),
  }));
}

function settings(): Command[] {
  const keep = (change: () => void) => () => {
    change();
    preferences.keep();
  };
  return [
    ...(['en', 'ja'] as const).map((language) => ({
      id: `language ${language}`,
      label: language === 'en' ? 'English' : '日本語',
      words: 'language 言語 japanese 英語',
      group: t('shell.language'),
      icon: 'globe' as const,
      run: () => void choose_language(language),
    })),
    ...themes.map((theme) => ({
      id: `theme ${theme}`,
      label: t(`shell.theme_${theme}`),
      words: `theme テーマ ${theme}`,
      group: t('shell.theme'),
      icon: 'contrast' as const,
      run: keep(() => (preferences.theme = theme)),
    })),
    ...zones.map((zone) => ({
      id: `zone ${zone}`,
      label: t(`shell.zone_${zone}`),
      words: 'time zone タイムゾーン',
      group: t('shell.zone'),
      icon: 'clock' as const,
      run: keep(() => (preferences.zone = zone)),
    })),
  ];
}

function account_commands(): Command[] {
  return accounts.ids.map((id) => ({
    id: `account ${id}`,
    label: accounts.name(id) ?? id,
    words: id,
    group: t('shell.scope'),
    icon: 'archive' as const,
    run: () => scope.set([id]),
  }));
}

async function search(text: string, signal: AbortSignal): Promise<Command[]> {
  const meant = recognise(text, preferences.zone, Date.now());
  const found: Command[] = [];
  if (meant && meant.kind !== 'text' && meant.kind !== 'time') {
    const { kind, value } = meant;
    found.push({ id: 'entity', label: value, group: t(`entity.kind_${kind}`), icon: 'entity', run: () => go(link(`/entity/${kind}/${encodeURIComponent(value)}`)) });
  }
  const list = await get<FindingList>('/findings', { text, limit: 6, sort: 'score' }, signal);
  for (const finding of list.items) {
    const label = [finding.title, finding.principal || finding.source_ip].filter(Boolean).join(' · ');
    found.push({ id: `finding ${finding.id}`, label, group: t('findings.title'), icon: 'findings', run: () => go(link('/findings', { open: finding.id })) });
  }
  return found;
}

export const commands = {
  now: (): Command[] => [...go_to(), ...look_at(), ...account_commands(), ...settings()],
  search,
};

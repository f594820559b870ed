// What a reader chose for this browser: language, theme, time zone, width of the rail. Kept in localStorage.
import type { Language } from './format';
import { zones, type Zone } from './zone';

export type Theme = 'auto' | 'light' | 'dark';
export const themes: readonly Theme[] = ['auto', 'light', 'dark'];

const kKey = 'yagura.preferences';

interface Kept {
  language?: Language;
  theme?: Theme;
  zone?: Zone;
  rail_narrow?: boolean;
}

function kept(): Kept {
  try {
    return JSON.parse(localStorage.getItem(kKey) ?? '{}') as Kept;
  } catch {
    return {};
  }
}

const pick = <T>(value: T | undefined, allowed: readonly T[], fallback: T): T => (value !== undefined && allowed.includes(value) ? value : fallback);

class Preferences {
  private first = kept();
  chosen_language = $state<Language | undefined>(this.first.language);
  theme = $state<Theme>(pick(this.first.theme, themes, 'auto'));
  zone = $state<Zone>(pick(this.first.zone, zones, 'local'));
  rail_narrow = $state(this.first.rail_narrow === true);

  get language(): Language {
    return this.chosen_language ?? (navigator.language.startsWith('ja') ? 'ja' : 'en');
  }

  keep() {
    const { chosen_language, theme, zone, rail_narrow } = this;
    localStorage.setItem(kKey, JSON.stringify({ language: chosen_language, theme, zone, rail_narrow }));
  }
}
export const preferences = new Preferences();

// Small things a screen remembers for this browser (widths of columns, a draft), never the state of a view.
export function remember<T>(key: string, value: T | undefined) {
  try {
    if (value === undefined) localStorage.removeItem(`yagura.${key}`);
    else localStorage.setItem(`yagura.${key}`, JSON.stringify(value));
  } catch {
    // a full or forbidden store loses comfort, not work
  }
}
export function recall<T>(key: string): T | undefined {
  try {
    return (JSON.parse(localStorage.getItem(`yagura.${key}`) ?? 'null') as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}

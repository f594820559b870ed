// The console's words. English is the type: a Japanese file that lacks a key does not compile.
//
//   t('findings.title')   t('findings.selected', { n: 3 })   t('shell.signed_in', { name })
//
// {n} and other numbers are written as the language does; a message with `one` and `other` follows n.
// A message is text, never markup.
import { context } from '../lib/api/client';
import { format_number, type Language } from '../lib/format';
import { preferences } from '../lib/preferences.svelte';
import type en from './en';

export type Message = string | { one: string; other: string };
export type Area = Record<string, Message>;
export type Catalogue = typeof en;
// The same keys, any words.
export type Words<A extends Area> = { [K in keyof A]: Message };
export type Key = { [A in keyof Catalogue & string]: `${A}.${keyof Catalogue[A] & string}` }[keyof Catalogue & string];
export type MessageParams = Record<string, string | number>;

const load: Record<Language, () => Promise<{ default: Record<string, Area> }>> = {
  en: () => import('./en'),
  ja: () => import('./ja'),
};

class Spoken {
  language = $state<Language>('en');
  words = $state.raw<Record<string, Area>>({});
}
const spoken = new Spoken();

// Loads a language's words, then switches everything at once.
export async function speak(language: Language) {
  const words = (await load[language]()).default;
  spoken.words = words;
  spoken.language = language;
  context.language = language;
  context.offline_message = () => t('shell.offline');
  document.documentElement.lang = language;
}

export async function choose_language(language: Language) {
  await speak(language);
  preferences.chosen_language = language;
  preferences.keep();
}

export function fill(message: Message, params: MessageParams, language: Language): string {
  const form = typeof message === 'string' ? message : language === 'en' && Number(params.n) === 1 ? message.one : message.other;
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    return value === undefined ? whole : typeof value === 'number' ? format_number(value, language) : value;
  });
}

export function t(key: Key, params: MessageParams = {}): string {
  const dot = key.indexOf('.');
  const message = spoken.words[key.slice(0, dot)]?.[key.slice(dot + 1)];
  return message === undefined ? key : fill(message, params, spoken.language);
}

// For keys built at run time, such as `levels.${level}`: the fallback stands in when there is no such key.
export function t_or(key: string, fallback: string, params: MessageParams = {}): string {
  const said = t(key as Key, params);
  return said === key ? fallback : said;
}

export const language = () => spoken.language;

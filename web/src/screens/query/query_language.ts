// Logs Insights QL for the editor: words coloured by what they are, and what may come next.
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { StreamLanguage, type StreamParser } from '@codemirror/language';
import type { Field } from '../../lib/api/types';
import { field_text, quoted } from '../../lib/filters';

export interface LanguageWords {
  commands: { name: string; usage: string; title: string }[];
  functions: { name: string; usage: string; title: string; group: string }[];
}

const kWords = new Set(['and', 'or', 'not', 'in', 'like', 'as', 'by', 'asc', 'desc', 'true', 'false', 'null']);

export function query_language(words: LanguageWords) {
  const commands = new Set(words.commands.map(({ name }) => name));
  const functions = new Set(words.functions.map(({ name }) => name.toLowerCase()));
  const parser: StreamParser<unknown> = {
    name: 'query',
    token(stream) {
      if (stream.eatSpace()) return null;
      if (stream.match(/^#.*/)) return 'comment';
      if (stream.match(/^"(?:\\.|[^"\\])*"?/) || stream.match(/^'(?:\\.|[^'\\])*'?/)) return 'string';
      if (stream.match(/^`[^`]*`?/)) return 'propertyName';
      if (stream.match(/^\/(?:\\.|[^/\\\n])+\/[a-z]*/)) return 'regexp';
      if (stream.match(/^\d+(?:\.\d+)?[smhdw]?\b/)) return 'number';
      const word = stream.match(/^@?[A-Za-z_][\w.]*/) as RegExpMatchArray | null;
      if (word) {
        const text = word[0];
        if (kWords.has(text.toLowerCase())) return 'keyword';
        if (commands.has(text)) return 'keyword';
        if (functions.has(text.toLowerCase()) && /^\s*\(/.test(stream.string.slice(stream.pos))) return 'variableName.function';
        return 'propertyName';
      }
      if (stream.match(/^[=<>!~+\-*/%^|]+/)) return 'operator';
      stream.next();
      return null;
    },
    languageData: { commentTokens: { line: '#' }, closeBrackets: { brackets: ['(', '[', '"', '`'] } },
  };
  return StreamLanguage.define(parser);
}

// What the text before the cursor asks for: a command at the start of a pipe, a value behind a comparison, else a field or function.
export function place_of(before: string): { kind: 'command' } | { kind: 'value'; field: string; typed: string } | { kind: 'name' } {
  const pipe = before.slice(before.lastIndexOf('|') + 1);
  if (/^\s*\w*$/.test(pipe)) return { kind: 'command' };
  const compared = /(?:`([^`]+)`|(@?[A-Za-z_][\w.]*))\s*(?:=|!=|like|in\s*\[(?:\s*"[^"]*"\s*,)*)\s*"?([^"\s]*)$/i.exec(pipe);
  const field = compared?.[1] ?? compared?.[2];
  return field ? { kind: 'value', field, typed: compared?.[3] ?? '' } : { kind: 'name' };
}

export interface Known {
  words: () => LanguageWords | undefined;
  fields: () => Field[];
  values: (field: string, signal: AbortSignal) => Promise<{ value: string; count: number }[]>;
}

const kSpecial = ['@timestamp', '@message', '@log', '@logStream', '@ptr', '@ingestionTime'];

export const complete_query = (known: Known) => async (context: CompletionContext): Promise<CompletionResult | null> => {
  const before = context.state.doc.sliceString(0, context.pos);
  const place = place_of(before);
  if (place.kind === 'value') return complete_value(known, context, place);
  const word = context.matchBefore(/@?[\w.]*/);
  if (!word || (word.from === word.to && !context.explicit && place.kind !== 'command')) return null;
  if (place.kind === 'command') {
    const options = (known.words()?.commands ?? []).map(({ name, title }): Completion => ({ label: name, detail: title, type: 'keyword', apply: `${name} ` }));
    return { from: word.from, options };
  }
  const names = new Map<string, string>();
  for (const field of known.fields()) {
    for (const name of [field.name, field.ecs, field.column]) if (name && !names.has(name)) names.set(name, field.title);
  }
  return {
    from: word.from,
    options: [
      ...kSpecial.map((label): Completion => ({ label, type: 'variable', boost: 1 })),
      ...[...names].map(([label, detail]): Completion => ({ label, detail, apply: field_text(label), type: 'property' })),
      ...(known.words()?.functions ?? []).map(({ name, title }): Completion => ({ label: name, detail: title, apply: `${name}(`, type: 'function' })),
    ],
    validFor: /^@?[\w.]*$/,
  };
};

async function complete_value(known: Known, context: CompletionContext, place: { field: string; typed: string }): Promise<CompletionResult | null> {
  const stop = new AbortController();
  context.addEventListener('abort', () => stop.abort());
  const values = await known.values(place.field, stop.signal).catch(() => []);
  if (context.aborted || !values.length) return null;
  const start = context.matchBefore(/"?[^"\s[,]*/);
  return { from: start?.from ?? context.pos, options: values.map(({ value, count }): Completion => ({ label: quoted(value), detail: `×${count}`, type: 'text' })), filter: true };
}

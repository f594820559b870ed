// How one value of a screen's state stands in the address. A default is never written.
//
//   const spec = { level: list(), sort: one_of(['score', 'last'], 'score'), text: text(), page: whole(0) };
export interface Codec<T> {
  read(raw: string | null): T;
  write(value: T): string | null; // null: leave it out
}
export type Spec = Record<string, Codec<unknown>>;
export type StateOf<S extends Spec> = { [K in keyof S]: S[K] extends Codec<infer T> ? T : never };

export const text = (fallback = ''): Codec<string> => ({
  read: (raw) => raw ?? fallback,
  write: (value) => (value === fallback ? null : value),
});

export const whole = (fallback: number): Codec<number> => ({
  read: (raw) => (raw !== null && /^-?\d{1,15}$/.test(raw) ? Number(raw) : fallback),
  write: (value) => (value === fallback ? null : String(value)),
});

export const flag = (): Codec<boolean> => ({
  read: (raw) => raw === '1',
  write: (value) => (value ? '1' : null),
});

export const one_of = <T extends string>(values: readonly T[], fallback: T): Codec<T> => ({
  read: (raw) => (values.includes(raw as T) ? (raw as T) : fallback),
  write: (value) => (value === fallback ? null : value),
});

// Values separated by commas; a comma inside a value is written as \, and a backslash as \\.
export const list = (): Codec<string[]> => ({
  read: (raw) => (raw ? split_list(raw) : []),
  write: (values) => (values.length ? values.map((value) => value.replace(/[\\,]/g, '\\$&')).join(',') : null),
});

export function split_list(raw: string): string[] {
  const values = [''];
  for (let i = 0; i < raw.length; i += 1) {
    const c = raw[i]!;
    if (c === ',') values.push('');
    else values[values.length - 1] += c === '\\' && i + 1 < raw.length ? raw[(i += 1)]! : c;
  }
  return values.filter((value) => value !== '');
}

// Anything JSON can say, checked by `accept` so that a hand-made address cannot break a screen.
export const json = <T>(fallback: T, accept: (value: unknown) => value is T): Codec<T> => ({
  read: (raw) => {
    try {
      const value: unknown = raw === null ? fallback : JSON.parse(raw);
      return accept(value) ? value : fallback;
    } catch {
      return fallback;
    }
  },
  write: (value) => {
    const written = JSON.stringify(value);
    return written === JSON.stringify(fallback) ? null : written;
  },
});

export function read_state<S extends Spec>(spec: S, search: URLSearchParams): StateOf<S> {
  return Object.fromEntries(Object.entries(spec).map(([key, codec]) => [key, codec.read(search.get(key))])) as StateOf<S>;
}

// `search` with some values changed; parameters the spec does not know stay as they are.
export function write_state<S extends Spec>(spec: S, search: URLSearchParams, change: Partial<StateOf<S>>): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [key, value] of Object.entries(change)) set_or_delete(next, key, spec[key]!.write(value));
  return next;
}

export function set_or_delete(search: URLSearchParams, key: string, value: string | null | undefined) {
  if (value === null || value === undefined || value === '') search.delete(key);
  else search.set(key, value);
}

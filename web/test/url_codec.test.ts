import { describe, expect, it } from 'vitest';
import { match } from '../src/lib/match';
import { flag, json, list, one_of, read_state, text, whole, write_state } from '../src/lib/url_codec';

const spec = { level: list(), sort: one_of(['score', 'last'], 'score'), text: text(), page: whole(0), mine: flag() };

describe('state in the address', () => {
  it('has its defaults when the address is empty or wrong', () => {
    const defaults = { level: [], sort: 'score', text: '', page: 0, mine: false };
    expect(read_state(spec, new URLSearchParams(''))).toEqual(defaults);
    expect(read_state(spec, new URLSearchParams('sort=evil&page=1e9&mine=yes'))).toEqual(defaults);
  });
  it('comes back as it was written, commas and all', () => {
    const state = { level: ['a,b', 'c\\d', '日本'], sort: 'last' as const, text: 'x & y', page: -3, mine: true };
    expect(read_state(spec, new URLSearchParams(write_state(spec, new URLSearchParams(), state).toString()))).toEqual(state);
  });
  it('leaves defaults and strangers alone', () => {
    const search = write_state(spec, new URLSearchParams('since=24h&sort=last'), { sort: 'score', page: 0 });
    expect(search.toString()).toBe('since=24h');
  });
  it('refuses JSON of the wrong shape', () => {
    const numbers = json<number[]>([], (value): value is number[] => Array.isArray(value) && value.every((n) => typeof n === 'number'));
    expect(numbers.read('[1,2]')).toEqual([1, 2]);
    expect(numbers.read('["x"]')).toEqual([]);
    expect(numbers.read('{')).toEqual([]);
    expect(numbers.write([])).toBeNull();
  });
});

describe('a path', () => {
  it('gives its parts by name, decoded', () => expect(match('/entity/:kind?/:value?', '/entity/principal/a%2Fb')).toEqual({ kind: 'principal', value: 'a/b' }));
  it('may lack only what may be missing', () => {
    expect(match('/rules/:id?', '/rules')).toEqual({});
    expect(match('/rules/:id', '/rules')).toBeUndefined();
    expect(match('/rules', '/rules/1')).toBeUndefined();
    expect(match('/', '/')).toEqual({});
  });
  it('with broken escapes is taken as it is', () => expect(match('/entity/:value', '/entity/%E0%A4%A')).toEqual({ value: '%E0%A4%A' }));
});

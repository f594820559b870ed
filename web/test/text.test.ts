import { describe, expect, it } from 'vitest';
import { lay_out } from '../src/lib/json_text';
import { recognise } from '../src/lib/recognise';
import { clip, visible_text } from '../src/lib/visible';
import { rank } from '../src/shell/rank';
import { json_lines } from '../src/lib/api/query';

describe('a stranger’s text', () => {
  it('shows controls, bidi marks and invisible characters as codes', () => {
    expect(visible_text('a\u001b[31m\u202Eb\u200B')).toBe('a[U+001B][31m[U+202E]b[U+200B]');
  });
  it('keeps letters of every script and emoji', () => expect(visible_text('日本 عربي 👩🏽\n\t')).toBe('日本 عربي 👩🏽\n\t'));
  it('is never cut inside a character', () => expect(clip('ab😀cd', 3)).toBe('ab'));
});

describe('JSON', () => {
  it('keeps numbers and the order of keys as written', () => {
    const lines = lay_out('{"b":12345678901234567890,"a":[1.0,{}],"c":[]}')!;
    expect(lines.map((line) => '  '.repeat(line.depth) + line.tokens.map((token) => token.text).join(''))).toEqual([
      '{', '  "b": 12345678901234567890,', '  "a": [', '    1.0,', '    {}', '  ],', '  "c": []', '}',
    ]);
  });
  it.each(['plain', '{"a":', '{"a" "b"}x', '[1,2'])('is not %s', (text) => expect(lay_out(text)).toBeUndefined());
});

describe('what is searched for', () => {
  it.each([
    ['192.0.2.7', 'address'],
    ['2001:db8::1', 'address'],
    ['AKIAIOSFODNN7EXAMPLE', 'key'],
    ['i-0123456789abcdef0', 'instance'],
    ['arn:aws:iam::111122223333:user/alice', 'principal'],
    ['arn:aws:sts::111122223333:assumed-role/Admin/bob', 'session'],
    ['arn:aws:iam::111122223333:role/service-role/deploy', 'role'],
    ['s3://logs-bucket/prefix', 'bucket'],
    ['111122223333', 'account'],
    ['2026-11-22 03:04', 'time'],
    ['999.1.1.1', 'text'],
    ['AccessDenied', 'text'],
  ])('%s is %s', (text, kind) => expect(recognise(text, 'utc', 0)?.kind).toBe(kind));
});

describe('the palette', () => {
  it('puts starts of words before middles, and needs every letter', () => {
    expect(rank(['Overview', 'Discover', 'Sources'], 'over', (x) => x)).toEqual(['Overview', 'Discover']);
    expect(rank(['Time zone', 'Theme'], 'tz', (x) => x)).toEqual(['Time zone']);
  });
});

describe('lines of an answer', () => {
  it('are put together across chunks', async () => {
    const chunks = ['{"a":1}\n{"b"', ':"日', '本"}\n\n{"c":3}'].map((text) => new TextEncoder().encode(text));
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });
    const lines: unknown[] = [];
    for await (const line of json_lines(body)) lines.push(line);
    expect(lines).toEqual([{ a: 1 }, { b: '日本' }, { c: 3 }]);
  });
});

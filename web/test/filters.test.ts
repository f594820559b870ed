import { describe, expect, it } from 'vitest';
import { condition, filter_text, inverted, is_filters, typed_text, with_value, type Filter } from '../src/lib/filters';

const is = (field: string, ...values: string[]): Filter => ({ field, op: 'is', values });

describe('filters', () => {
  it('become a condition', () => {
    expect(condition([])).toBe('');
    expect(condition([is('source.ip', '1.2.3.4')])).toBe('source.ip = "1.2.3.4"');
    expect(condition([is('a', 'x', 'y'), { field: 'b', op: 'missing', values: [] }], 'c = 1')).toBe('a in ["x", "y"] and not (ispresent(b)) and (c = 1)');
    expect(condition([], 'a = 1 or b = 2', ['111122223333'])).toBe('(a = 1 or b = 2) and cloud.account.id = "111122223333"');
  });
  it('quote what a log says, so that it stays a value', () => {
    expect(filter_text(is('user.name', 'a"\\b'))).toBe('user.name = "a\\"\\\\b"');
    expect(filter_text({ field: 'x', op: 'contains', values: ['a.b/c'] })).toBe('x like /(?i)a\\.b\\/c/');
    expect(filter_text(is('log-status', 'OK'))).toBe('`log-status` = "OK"');
  });
  it('leave out what is switched off', () => {
    expect(condition([{ ...is('a', 'x'), off: true }])).toBe('');
  });
  it('know both ends of an address', () => {
    expect(filter_text(is('@address', '1.2.3.4'))).toBe('(source.ip = "1.2.3.4" or destination.ip = "1.2.3.4")');
    expect(filter_text(inverted(is('@address', '1.2.3.4')))).toBe('not ((source.ip = "1.2.3.4" or destination.ip = "1.2.3.4"))');
  });
  it('gather values of one field, and take one back from the opposite', () => {
    const one = with_value([], 'a', 'x', 'is');
    expect(with_value(one, 'a', 'y', 'is')).toEqual([is('a', 'x', 'y')]);
    expect(with_value(one, 'a', 'x', 'is')).toEqual(one);
    expect(with_value(one, 'a', 'x', 'is_not')).toEqual([{ field: 'a', op: 'is_not', values: ['x'] }]);
  });
  it('come from an address only when they are well formed', () => {
    expect(is_filters([is('a', 'x')])).toBe(true);
    expect(is_filters([{ field: 'a', op: 'eval', values: [] }])).toBe(false);
    expect(is_filters('x')).toBe(false);
    expect(is_filters([null])).toBe(false);
  });
});

describe('typed text', () => {
  it('is a condition, an indicator, or words', () => {
    expect(typed_text(' errorCode = "x" ')).toBe('errorCode = "x"');
    expect(typed_text('203.0.113.7')).toContain('destination.ip');
    expect(typed_text('AKIAIOSFODNN7EXAMPLE')).toBe('access_key_id = "AKIAIOSFODNN7EXAMPLE"');
    expect(typed_text('DeleteTrail')).toContain('event.action like /(?i)DeleteTrail/ or ');
  });
});

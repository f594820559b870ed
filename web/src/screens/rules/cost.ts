// What a rule costs, as people read it: measured on a sample, so never without ≈.
import { t } from '../../i18n/index.svelte';
import { number } from '../../lib/reading.svelte';
import type { Rule } from './types';

export function cost_text(rule: Rule): string {
  if (rule.cost_ns === undefined) return '–';
  const micros = rule.cost_ns / 1000;
  const shown = micros < 0.01 ? '< 0.01' : `≈ ${number(Number(micros.toPrecision(2)))}`;
  return `${shown} µs`;
}

export const cost_story = (rule: Rule) => (rule.cost_ns === undefined ? t('rules.cost_unknown') : `${t('rules.cost_measured', { n: rule.cost_events ?? 0 })}\n${t('rules.cost_text')}`);

import type { IconName } from './icons';

export type MenuItem =
  | { separator: string } // a line, with a heading unless empty
  | { label: string; run?: () => void; href?: string; icon?: IconName; checked?: boolean; danger?: boolean; disabled?: boolean; note?: string };

// The names people gave to accounts, and the accounts the lake has seen.
import { get } from './api/client';
import type { Alias, Lake } from './api/types';

class Accounts {
  names = $state.raw<ReadonlyMap<string, string>>(new Map());
  lake = $state.raw<Lake | undefined>(undefined);

  ids = $derived([...new Set([...(this.lake?.accounts.map(({ id }) => id) ?? []), ...this.names.keys()])].sort());

  name(account: string): string | undefined {
    return this.names.get(account);
  }

  // Failures leave the ids bare; a screen that needs the lake says what is wrong itself.
  async load() {
    const [lake, aliases] = await Promise.allSettled([get<Lake>('/lake'), get<{ items: Alias[] }>('/aliases')]);
    const names = new Map<string, string>();
    if (lake.status === 'fulfilled') {
      this.lake = lake.value;
      for (const { id, alias } of lake.value.accounts) if (alias) names.set(id, alias);
    }
    if (aliases.status === 'fulfilled') for (const { account, alias } of aliases.value.items) names.set(account, alias);
    this.names = names;
  }
}
export const accounts = new Accounts();

// Who is looking. `session.now` is undefined until the server has answered the first time.
import { context, get, send } from './api/client';
import type { Role, Session } from './api/types';
import { role_allows } from './levels';

class Current {
  now = $state.raw<Session | undefined>(undefined);
  logins = $state(0); // screens ask again when it grows
  expired = $state(false); // a login ended while a screen was open: log in again and stay there

  // May the reader do what needs `role`? Screens hide or disable what is not allowed; the server decides.
  may(role: Role): boolean {
    return role_allows(this.now?.role, role);
  }

  accept(next: Session) {
    context.csrf = next.csrf ?? '';
    this.now = next;
    if (next.authenticated) this.expired = false;
  }

  private first?: Promise<void>;

  // The first answer, asked for while the page still starts; once only.
  begin(): Promise<void> {
    return (this.first ??= this.load());
  }

  async load() {
    this.accept(await get<Session>('/session'));
  }

  async login(name: string, password: string) {
    this.accept(await send<Session>('POST', '/login', { name, password }));
    this.logins += 1;
  }

  async logout() {
    await send('POST', '/logout');
    await this.load();
  }
}
export const session = new Current();
context.on_unauthorized = () => {
  if (session.now?.authenticated) session.expired = true;
};

// A stand-in for `yagura serve` while a screen is made: dist/ under the real Content-Security-Policy and
// the answers of fixtures/<name>.json.   node tools/fixture_server.mjs [PORT]
import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

const port = Number(process.argv[2] ?? 8700);
const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

function fixture(path) {
  for (const name of [path.slice(1).replaceAll('/', '_'), `${path.split('/')[1]}_one`]) {
    const file = join(root, 'fixtures', `${name}.json`);
    if (existsSync(file)) return readFileSync(file);
  }
  return undefined;
}

createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://x');
  if (pathname.startsWith('/api/v1')) {
    const body = request.method === 'GET' ? fixture(pathname.slice(7)) : '{"changed":1,"undo_id":"1","would_hide":12,"findings":3}';
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
    response.end(body ?? '{"error":{"code":"not_found","message":"no fixture"}}');
    return;
  }
  const file = join(root, 'dist', pathname.includes('..') || !existsSync(join(root, 'dist', pathname.slice(1) || 'x')) ? 'index.html' : pathname);
  const found = existsSync(file);
  response.writeHead(found ? 200 : 404, { 'content-type': types[extname(file)] ?? 'text/plain', 'content-security-policy': policy });
  response.end(found ? readFileSync(file) : '');
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`));

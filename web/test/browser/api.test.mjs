// Every answer is what the OpenAPI description says: each route that only reads is asked of a real server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { incident, serve } from './desk.mjs';

let server;
let folder;
let description;
let validator;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yagura-api-'));
  cpSync(incident().lake, join(folder, 'lake'), { recursive: true });
  server = await serve(join(folder, 'lake'));
  description = await (await fetch(`${server.address}/api/v1/openapi.json`)).json();
  csrf = (await (await ask('/api/v1/session')).json()).csrf ?? '';
  validator = new Ajv({ strict: false, allErrors: true });
  formats(validator);
  validator.addSchema({ $id: 'api', components: description.components });
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

// Until there is a password, whoever is on this machine is administrator; changes carry the session's token all the same.
let csrf = '';
const ask = (path, init) => fetch(`${server.address}${path}`, { ...init, headers: { 'x-yagura-csrf': csrf, ...init?.headers } });
const schema_of = (operation) => operation.responses['200'].content['application/json']?.schema;
function fits(schema, body, what) {
  const check = validator.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components')));
  assert.ok(check(body), `${what}: ${validator.errorsText(check.errors)}`);
}

// Values for the parts of paths, taken from the lists that hold them.
async function parts() {
  const first = async (path) => (await (await ask(`/api/v1${path}`)).json()).items[0];
  const finding = await first('/findings?limit=1');
  const rule = await first('/rules?limit=1');
  const rows = (await (await ask('/api/v1/query', { method: 'POST', body: JSON.stringify({ query: 'fields object_id, ordinal | limit 1' }) })).text()).split('\n').filter(Boolean).flatMap((line) => JSON.parse(line).rows ?? []);
  return {
    '/findings/{id}': { id: finding.id },
    '/rules/{id}': { id: rule.id },
    '/events/{object_id}/{ordinal}': { object_id: rows[0][0], ordinal: rows[0][1] },
    '/entities/{kind}/{value}': { kind: 'address', value: '203.0.113.77' },
  };
}

test('every reading route answers as described', async () => {
  const known = await parts();
  let asked = 0;
  for (const [path, methods] of Object.entries(description.paths)) {
    const operation = methods.get;
    const schema = operation && schema_of(operation);
    if (!schema) continue;
    const route = path.replace('/api/v1', '');
    const values = known[route];
    if (route.includes('{') && !values) continue;
    const answer = await ask(path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name])));
    const body = await answer.json();
    assert.equal(answer.status, 200, `${path}: ${JSON.stringify(body)}`);
    fits(schema, body, path);
    asked += 1;
  }
  assert.ok(asked >= 15, `only ${asked} routes were asked`);
});

test('refusals are described errors, in the language asked for', async () => {
  const error = description.components.schemas.Error;
  for (const [path, status] of [['/api/v1/nothing', 404], ['/api/v1/findings/nothing', 404], ['/api/v1/findings?limit=x', 400], ['/api/v1/events/1/x', 400]]) {
    const answer = await ask(path);
    assert.equal(answer.status, status, path);
    fits(error, await answer.json(), path);
  }
  const said = await (await ask('/api/v1/nothing', { headers: { 'X-Yagura-Language': 'ja' } })).json();
  assert.match(said.error.message, /[ぁ-ん]/);
});

test('a query streams lines and says where its mistakes are', async () => {
  const post = (query) => ask('/api/v1/query', { method: 'POST', body: JSON.stringify({ query }) });
  const lines = (await (await post('stats count(*) as n by @log')).text()).trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines[0].columns.map(({ name }) => name), ['@log', 'n']);
  assert.equal(typeof lines.at(-1).done.rows, 'number');
  const wrong = await (await ask('/api/v1/query/check', { method: 'POST', body: JSON.stringify({ query: 'filter x = = 1' }) })).json();
  assert.equal(wrong.notes[0].severity, 'error');
  assert.ok(wrong.notes[0].column > 0);
});

test('other sites cannot change anything', async () => {
  const answer = await ask('/api/v1/aliases', { method: 'PUT', headers: { origin: 'https://elsewhere.example' }, body: '{"items":[]}' });
  assert.equal(answer.status, 403);
  const page = await ask('/');
  const policy = page.headers.get('content-security-policy');
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
});

// What screens ask for while somebody waits: parts that say so, and questions that are taken back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { open_desk, settled } from './desk.mjs';

let desk;
before(async () => (desk = await open_desk()));
after(() => desk?.close());

const fields = (page) => page.getByRole('complementary', { name: 'Fields' });
async function open_field(page, name) {
  await fields(page).getByRole('textbox', { name: 'Find a field' }).fill(name);
  await fields(page).getByRole('button', { name: new RegExp(name) }).first().click();
}

test('a field of ids says that every value differs', async () => {
  const page = await desk.page('/discover?types=cloudtrail');
  await open_field(page, 'eventID');
  await fields(page).getByText(/^Every value differs: [\d,]+ values/).waitFor();
  await fields(page).getByText('For example').waitFor();
  assert.equal(await fields(page).locator('.values .count').count(), 0);
  await open_field(page, 'eventName');
  await fields(page).getByText(/^\d+ distinct values/).waitFor();
  assert.ok((await fields(page).locator('.values .count').count()) > 1);
});

// The server answers a lake of this size at once, so the part is made here.
const part = (values, distinct) => ({ items: [{ field: 'x', distinct, missing: 0, counted: 9000, approximate: true, share: 0.25, values }], total: 9000 });
async function answer_early(page, values, distinct) {
  await page.route('**/api/v1/facets', async (route) => {
    if (route.request().postDataJSON().within_ms) await route.fulfill({ json: part(values, distinct) });
    else await route.fallback();
  });
}

test('what is counted so far is said to be a part, until the rest is there', async () => {
  const page = await desk.page('/discover?types=cloudtrail');
  let let_go;
  const held = new Promise((done) => (let_go = done));
  await page.route('**/api/v1/facets', async (route) => {
    await held;
    await route.continue();
  });
  await answer_early(page, [{ value: 'MadeUp', count: 8000 }], 12);
  await open_field(page, 'eventName');
  await fields(page).getByText('Counted so far: 9,000 events, 25% of all rows').waitFor();
  await fields(page).getByText('Counting the rest…').waitFor();
  await fields(page).getByText('MadeUp').waitFor();
  let_go();
  await fields(page).getByText(/^\d+ distinct values/).waitFor();
  assert.equal(await fields(page).getByText('MadeUp').count(), 0);
  assert.equal(await fields(page).getByText('Counting the rest…').count(), 0);
});

test('ids are counted to the end only when somebody wants it', async () => {
  const page = await desk.page('/discover?types=cloudtrail');
  await answer_early(page, [{ value: 'one', count: 1 }], 9000);
  await open_field(page, 'eventID');
  await fields(page).getByText('Every value differs in the 9,000 events counted').waitFor();
  await fields(page).getByRole('button', { name: 'Count all of them' }).click();
  await fields(page).getByText(/^Every value differs: [\d,]+ values/).waitFor();
});

const kAsks = /\/api\/v1\/(?:query|facets|histogram|entities|sources|overview|findings|rules)(?:[/?]|$)/;
for (const [name, path, least] of [
  ['the overview', '/', 1],
  ['Discover', '/discover?types=cloudtrail', 2],
  ['a query', '/query?q=stats%20count(*)', 1],
  ['findings', '/findings', 1],
  ['an entity', '/entity/account/111122223333', 1],
  ['rules', '/rules', 1],
  ['one rule', '/rules/new', 0],
  ['sources', '/sources', 1],
]) {
  test(`who leaves ${name} takes its questions back`, async () => {
    const page = await desk.page('/settings');
    const asked = new Set();
    const taken_back = new Set();
    await page.route(kAsks, (route) => asked.add(route.request())); // never answered
    page.on('requestfailed', (request) => taken_back.add(request));
    await page.evaluate((to) => {
      history.pushState({}, '', to);
      dispatchEvent(new PopStateEvent('popstate'));
    }, path);
    for (let look = 0; asked.size < least && look < 500; ++look) await page.waitForTimeout(20);
    assert.ok(asked.size >= least, 'it asks nothing');
    await page.waitForTimeout(300); // those that follow
    await page.getByRole('link', { name: 'Settings' }).first().click();
    await page.waitForURL(/\/settings/);
    await settled(page);
    const left = [...asked].filter((request) => !taken_back.has(request)).map((request) => request.url());
    assert.deepEqual(left, []);
  });
}

// With databases of addresses: where an address is stands beside it wherever it is shown; without, the page says how.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accessibility, open_desk, picture, settled } from './desk.mjs';
import { mmdb } from './mmdb.mjs';

const kAddress = '203.0.113.77';
const kCity = (code, en, ja, city) => ({ country: { iso_code: code, names: { en, ja } }, city: { names: { en: city, ja: city } } });
let folder, desk;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yagura-places-'));
  writeFileSync(join(folder, 'city.mmdb'), mmdb('Test-City', { '203.0.113.0/24': kCity('NL', 'Netherlands', 'オランダ', 'Utrecht'), '198.51.100.0/24': kCity('JP', 'Japan', '日本', 'Osaka') }));
  writeFileSync(join(folder, 'asn.mmdb'), mmdb('Test-ASN', { '203.0.113.0/24': { autonomous_system_number: 64500, autonomous_system_organization: 'Example Hosting \u202eB.V.' } }));
  writeFileSync(join(folder, 'ip-ranges.json'), JSON.stringify({ syncToken: '1790000000', prefixes: [{ ip_prefix: '198.51.100.0/25', region: 'ap-northeast-1', service: 'EC2' }] }));
  desk = await open_desk({ options: ['--geo', folder] });
});
after(async () => {
  await desk?.close();
  rmSync(folder, { recursive: true, force: true });
});

for (const [language, theme, country] of [['en', 'light', 'Netherlands'], ['ja', 'dark', 'オランダ'], ['en', 'dark', 'Netherlands'], ['ja', 'light', 'オランダ']]) {
  test(`an address has its place on every screen, ${language}, ${theme}`, async () => {
    const page = await desk.page(`/entity/address/${kAddress}`, { language, theme });
    await page.getByText(`Utrecht, ${country}`).first().waitFor();
    await page.getByText('AS64500 Example Hosting').first().waitFor();
    await settled(page);
    await page.waitForTimeout(250);
    await picture(page, `entity_place-${language}-${theme}`);
    assert.deepEqual(await accessibility(page), []);

    await page.goto('/findings');
    await page.getByText('NL', { exact: true }).first().waitFor();
    await settled(page);
    await picture(page, `findings_place-${language}-${theme}`);
    await page.locator('a[href*="open="]').first().click();
    await page.getByText(`Utrecht, ${country}`).first().waitFor();
    await picture(page, `finding_place-${language}-${theme}`);
    await page.close();
  });
}

test('what a principal did keeps its place while it is counted', async () => {
  const page = await desk.page('/');
  let release;
  const held = new Promise((done) => (release = done));
  await page.route('**/entities/**parts=mix*', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('/entity/principal/svc-release');
  await page.locator('.facts').waitFor();
  const before = await page.locator('.line, .chart').first().boundingBox();
  const columns = await page.locator('.columns').boundingBox();
  release();
  await page.locator('.columns table').waitFor();
  await settled(page);
  const after_it = await page.locator('.columns').boundingBox();
  assert.ok(before);
  assert.ok(Math.abs(columns.y - after_it.y) <= 2, `the columns moved from ${columns.y} to ${after_it.y}`);
  await page.close();
});

test('the API names where the answers come from', async () => {
  const answer = await (await fetch(`${desk.server.address}/api/v1/places?address=${kAddress},10.0.0.1,198.51.100.5`)).json();
  assert.deepEqual(answer.sources.map(({ title }) => title).sort(), ['AWS ip-ranges.json', 'Test-ASN', 'Test-City']);
  assert.equal(answer.items[0].place.city, 'Utrecht');
  assert.equal(answer.items[1].place.network, 'private');
  assert.equal(answer.items[2].place.aws_service, 'EC2');
});

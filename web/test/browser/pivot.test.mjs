// The move the whole console is for: an address in a GuardDuty finding, followed into CloudTrail and the flow logs, to raw bytes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { open_desk, settled } from './desk.mjs';

let desk;
before(async () => (desk = await open_desk()));
after(() => desk?.close());

test('from the overview to the findings of a severity', async () => {
  const page = await desk.page('/');
  await page.getByRole('link', { name: /High/ }).first().click();
  await page.waitForURL(/\/findings\?.*level=high/);
  await settled(page);
  await page.locator('tbody tr').first().waitFor();  // its screen is loaded when it is first opened
  await page.goBack();
  await page.waitForURL((url) => url.pathname === '/');
});

// The address of a stolen key is in CloudTrail, that of a compromised instance's peer in the flow logs; the filter stays through both.
for (const [finding, rich, type] of [[/IAMUser/, 'CloudTrail', 'cloudtrail'], [/EC2/, 'VPC Flow Logs', 'vpc_flow']]) {
  test(`an address of a GuardDuty finding is kept while logs are switched, and found in ${rich}`, async () => {
    const page = await desk.page('/discover?types=guardduty');
    await page.locator('tbody tr').filter({ hasText: finding }).filter({ hasText: /\d+\.\d+\.\d+\.\d+/ }).first().locator('td').nth(1).click();
    const panel = page.getByRole('complementary', { name: 'Event' });
    const field = panel.locator('.field').filter({ hasText: '@source_ip' });
    const address = (await field.locator('dd a').first().innerText()).trim();  // where it is stands beside it
    assert.match(address, /^\d+\.\d+\.\d+\.\d+$/);
    await field.hover();
    await field.getByRole('button', { name: /^Only/ }).click();
    await page.waitForURL(/filters=/);
    const pill = page.locator('.pill').filter({ hasText: address });
    await pill.waitFor();
    for (const title of ['CloudTrail', 'VPC Flow Logs', rich]) {
      await page.locator('.bar').getByRole('button').first().click();
      await page.locator('[role^=menuitem]').filter({ hasText: title }).first().click();
      await settled(page);
      await pill.waitFor();
    }
    assert.match(page.url(), new RegExp(`types=${type}`));
    await page.locator('tbody tr[data-index]').first().waitFor();
    const texts = await page.locator('tbody tr[data-index]').allInnerTexts();
    assert.ok(texts.length > 0, `no ${rich} events of ${address}`);
    for (const text of texts) assert.ok(text.includes(address), `a row without ${address}: ${text}`);
  });
}

test('a resource of the overview opens as many findings as it counts, and each of them names it', async () => {
  const page = await desk.page('/');
  await settled(page);
  const card = page.locator('section.card', { has: page.getByRole('heading', { name: 'Resources with most findings' }) });
  const row = card.locator('tbody tr').first();
  const name = (await row.locator('.name .name').innerText()).trim();
  const number = row.locator('td.number a').first();
  const findings = Number((await number.innerText()).replaceAll(',', ''));
  assert.ok(findings > 0);
  await number.click();
  await page.waitForURL(/\/findings\?.*resource=/);
  await settled(page);
  const asked = new URL(page.url()).searchParams.get('resource');
  const ids = await page.evaluate((resource) => fetch(`/api/v1/findings?status=new,acknowledged,closed&resource=${encodeURIComponent(resource)}`).then((answer) => answer.json()).then((found) => found.items.map((item) => item.id)), asked);
  assert.equal(ids.length, findings);
  await page.getByText(new RegExp(`^${findings} findings?`)).first().waitFor();
  await page.getByText(`Resource: ${name}`).waitFor(); // the pill of the filter
  await page.locator('tbody tr td:nth-child(3)').first().click();
  const facts = page.getByRole('complementary').last().locator('dl');
  await facts.getByText(name, { exact: true }).first().waitFor();
});

test("a correlation's finding names what its events were about, and says which events those are", async () => {
  const page = await desk.page('/');
  const found = await page.evaluate(() => fetch('/api/v1/findings?status=all&text=given+a+credential').then((answer) => answer.json()).then((list) => list.items[0]));
  assert.equal(found?.title, 'IAM user was created, given a credential and rights');
  const names = found.resources.map((one) => one.name).sort();
  assert.ok(names.includes('AdministratorAccess') && names.length > 1, `only ${names}`);
  assert.ok(found.resources.every((one) => one.count <= found.count));
  await page.goto('/findings?status=all&text=given+a+credential');
  await settled(page);
  await page.locator('tbody tr td:nth-child(3)').first().click();
  for (const name of names) await page.locator('dl').getByText(name, { exact: true }).first().waitFor();
  await page.getByText('the first nine and the last').waitFor();
});

test('a bucket in a finding leads to its page, which lists the findings about it', async () => {
  const page = await desk.page('/');
  const bucket = await page.evaluate(() => fetch('/api/v1/findings?status=all&limit=1').then((answer) => answer.json()).then((found) => found.facets.resource.map((one) => one.value).find((value) => value.startsWith('AWS::S3::Bucket/'))));
  assert.ok(bucket);
  await page.goto('/findings?status=all&resource=' + encodeURIComponent(bucket));
  await settled(page);
  await page.locator('tbody tr td:nth-child(3)').first().click();
  const link = page.getByRole('complementary').last().locator('dl a[href^="/entity/bucket/"]').first();
  await link.click();
  await page.waitForURL(/\/entity\/bucket\//);
  await settled(page);
  const listed = await page.evaluate((path) => fetch('/api/v1/entities' + path).then((answer) => answer.json()).then((found) => found.findings.length), new URL(page.url()).pathname.replace('/entity', ''));
  assert.ok(listed > 0);
});

test('an event has its raw bytes, its reasons, and its address reopens it', async () => {
  const page = await desk.page('/discover?types=cloudtrail&q=' + encodeURIComponent('ispresent(detections) and detection_level = "high"'));
  await page.locator('tbody tr td:nth-child(2)').first().click();
  const panel = page.getByRole('complementary', { name: 'Event' });
  await panel.getByRole('tab', { name: 'Raw' }).click();
  await panel.getByText('eventVersion').waitFor();
  await panel.getByRole('tab', { name: /Why matched/ }).click();
  await panel.getByRole('link').first().waitFor();
  const url = page.url();
  await page.reload();
  await settled(page);
  assert.equal(page.url(), url);
  await page.getByRole('complementary', { name: 'Event' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('complementary', { name: 'Event' }).waitFor({ state: 'detached' });
});

test('a filter can be turned around, switched off, pinned, and pinned ones travel', async () => {
  const page = await desk.page('/discover?types=cloudtrail&filters=' + encodeURIComponent(JSON.stringify([{ field: 'event.action', op: 'is', values: ['ConsoleLogin'] }])));
  const total = async () => Number((await page.locator('.histogram strong').innerText()).replaceAll(',', ''));
  // The old number stays until the new one is there.
  const total_becomes = (accept, n) =>
    page.waitForFunction(([accept, n]) => {
      const shown = Number(document.querySelector('.histogram strong').innerText.replaceAll(',', ''));
      return accept === 'equal' ? shown === n : shown !== n;
    }, [accept, n], { polling: 100 });
  const only = await total();
  const choose = async (name) => {
    await page.locator('.pill').getByRole('button', { name: /Filter on/ }).click();
    await page.locator('[role^=menuitem]').filter({ hasText: name }).first().click();
    await settled(page);
  };
  await choose('Invert');
  await total_becomes('another', only);
  const without = await total();
  await choose('Switch off');
  await total_becomes('equal', only + without);
  await choose('Switch on');
  await choose('Pin: keep');
  await page.waitForURL(/pins=/);
  await page.getByRole('navigation').getByRole('link', { name: 'Live' }).click();
  await page.waitForURL(/\/live\?.*pins=/);
  await page.locator('.pill').waitFor();
});

test('a mistake in the condition is told with its column', async () => {
  const page = await desk.page('/discover');
  await page.getByRole('textbox', { name: 'Condition' }).fill('eventName = = "x"');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText(/Column \d+/).waitFor();
});

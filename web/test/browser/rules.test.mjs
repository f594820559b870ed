// The rules screen: what stands in the list, switching off, another level, an exception with its preview, a test over the lake.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { open_desk, settled } from './desk.mjs';

let desk;
before(async () => (desk = await open_desk()));
after(() => desk?.close());

const rows = (page) => page.locator('tbody tr[data-index]');
const open_rule = async (page, text) => {
  await page.goto('/rules?text=' + encodeURIComponent(text));
  await settled(page);
  await rows(page).first().locator('a[href^="/rules/"]').first().click();
  await page.waitForURL(/\/rules\/./);
  await page.getByRole('button', { name: 'More' }).waitFor();
};
const choose = async (page, item) => {
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: item }).click();
};

test('building blocks stand aside until they are asked for', async () => {
  const page = await desk.page('/rules');
  await settled(page);
  const before = Number((await page.getByText(/^\d+ rules$/).innerText()).replace(/\D/g, ''));
  const box = page.getByRole('checkbox', { name: /building block/ });
  const blocks = Number((await page.locator('.blocks').innerText()).replace(/\D/g, ''));
  assert.ok(blocks > 0);
  assert.equal(await page.getByText('building block', { exact: true }).count(), 0);
  await box.check();
  await page.getByText(`${before + blocks} rules`).waitFor();
  assert.match(page.url(), /blocks=/);
  await page.goBack();
  await page.getByText(`${before} rules`).waitFor();
});

test('hits of a rule about single events lead to those events', async () => {
  const page = await desk.page('/rules?kind=single&sort=hits_total');
  await settled(page);
  const link = rows(page).first().locator('td.number a').last();
  const hits = (await link.innerText()).trim();
  await link.click();
  await page.waitForURL(/\/discover/);
  await settled(page);
  await page.getByText(new RegExp(`\\b${hits} events?`)).first().waitFor();
});

test('a rule is switched off with a reason and on again', async () => {
  const page = await desk.page('/');
  await open_rule(page, 'trail');
  await choose(page, 'Switch off');
  await page.getByRole('textbox', { name: 'Reason' }).fill('too loud here');
  await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click();
  await page.getByText('too loud here').waitFor();
  await page.goto('/rules?state=off');
  await settled(page);
  assert.equal(await rows(page).count(), 1);
  await rows(page).first().locator('a[href^="/rules/"]').first().click();
  await choose(page, 'Switch on');
  await page.getByText('too loud here').waitFor({ state: 'detached' });
});

test('a rule is given another level, and its own again', async () => {
  const page = await desk.page('/');
  await open_rule(page, 'trail');
  await choose(page, 'Change level…');
  await page.getByRole('combobox', { name: 'Severity' }).selectOption('low');
  await page.getByRole('textbox', { name: 'Reason' }).fill('we do this daily');
  await page.getByRole('button', { name: 'Save' }).last().click();
  await page.getByText('we do this daily').waitFor();
  await choose(page, 'Change level…');
  await page.getByRole('combobox', { name: 'Severity' }).selectOption({ label: await page.getByRole('option', { name: /as the rule says/ }).innerText() });
  await page.getByRole('button', { name: 'Save' }).last().click();
  await page.getByText('we do this daily').waitFor({ state: 'detached' });
});

test('an exception made from a rule says before what it would hide', async () => {
  const page = await desk.page('/findings?status=all');
  await settled(page);
  await rows(page).first().locator('td').nth(2).click();
  await page.getByRole('tab', { name: /Rule/ }).click();
  await page.getByRole('link', { name: 'Open the rule' }).click();
  await page.waitForURL(/\/rules\/./);
  await choose(page, 'Make an exception…');
  await page.getByText(/Would hide [1-9]\d* finding/).waitFor();
  await page.getByRole('combobox', { name: 'Source address' }).selectOption({ index: 1 });
  await page.getByText(/Would hide [1-9]\d* finding/).waitFor();
  await page.getByRole('textbox', { name: 'Reason' }).fill('our scanner');
  await page.getByRole('button', { name: 'Make an exception…' }).last().click();
  await page.goto('/rules?tab=exceptions');
  await page.getByText('our scanner').waitFor();
  await page.getByRole('button', { name: 'End it' }).click();
  await page.getByText('our scanner').waitFor({ state: 'detached' });
});

test('a test over the lake shows the events it would have matched, and they open', async () => {
  const page = await desk.page('/rules?kind=single&sort=hits_total');
  await settled(page);
  await rows(page).first().locator('a[href^="/rules/"]').first().click();
  await page.getByRole('combobox', { name: 'Time range' }).selectOption({ label: 'All time' });
  await page.getByRole('button', { name: 'Try', exact: true }).click();
  await page.getByText(/Would have matched [1-9]/).waitFor();
  await page.locator('.examples a').first().click();
  await page.waitForURL(/\/discover.*open=/);
  await settled(page);
});

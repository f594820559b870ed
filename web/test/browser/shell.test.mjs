// Language, theme, reload, back button, keys, the palette.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { open_desk, settled } from './desk.mjs';

let desk;
before(async () => (desk = await open_desk()));
after(() => desk?.close());

test('the language is switched in place and kept', async () => {
  const page = await desk.page('/discover?types=cloudtrail');
  await page.getByRole('button', { name: 'Language' }).click();
  await page.locator('[role^=menuitem]').filter({ hasText: '日本語' }).first().click();
  await page.getByRole('link', { name: '検出結果' }).first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'ja');
  assert.match(page.url(), /types=cloudtrail/);
  await page.reload();
  await page.getByRole('link', { name: '検出結果' }).first().waitFor();
});

test('the theme is switched in place and kept', async () => {
  const page = await desk.page('/');
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.getByRole('button', { name: 'Theme' }).click();
  await page.locator('[role^=menuitem]').filter({ hasText: 'Dark' }).first().click();
  const dark = await paper();
  assert.notEqual(light, dark);
  await page.reload();
  await settled(page);
  assert.equal(await paper(), dark);
});

test('back and forward go through what was looked at', async () => {
  const page = await desk.page('/');
  await page.getByRole('navigation').getByRole('link', { name: 'Findings' }).click();
  await page.waitForURL(/\/findings/);
  await page.getByRole('navigation').getByRole('link', { name: 'Rules' }).click();
  await page.waitForURL(/\/rules/);
  await page.goBack();
  await page.waitForURL(/\/findings/);
  await page.goForward();
  await page.waitForURL(/\/rules/);
  await page.getByRole('heading', { name: 'Rules', level: 1 }).waitFor();
});

test('keys lead to screens and to help', async () => {
  const page = await desk.page('/');
  await page.keyboard.press('g');
  await page.keyboard.press('q');
  await page.waitForURL(/\/query/);
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('203.0.113.77');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/entity\/address\/203\.0\.113\.77/);
  await page.getByRole('heading', { level: 1 }).getByText('203.0.113.77').waitFor();
});

test('a question in an address is answered when it is opened', async () => {
  const page = await desk.page('/query?q=' + encodeURIComponent('stats count(*) as n by @log | sort n desc'));
  await page.locator('tbody tr').first().waitFor();
  await page.getByRole('tab', { name: 'Chart' }).click();
  await page.locator('canvas').waitFor();
});

// Findings sorted out: acknowledged and undone, commented, suppressed with a reason and an end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { open_desk, settled } from './desk.mjs';

let desk;
before(async () => (desk = await open_desk()));
after(() => desk?.close());

const total = (page) => page.evaluate(() => fetch('/api/v1/findings?limit=1&status=new').then((answer) => answer.json()).then((found) => found.total));

test('several findings are acknowledged at once, and it can be undone', async () => {
  const page = await desk.page('/findings');
  const before_it = await total(page);
  await page.locator('tbody input[type=checkbox]').nth(0).check();
  await page.locator('tbody input[type=checkbox]').nth(1).check();
  await page.getByRole('button', { name: /Acknowledge/ }).first().click();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  assert.equal(await total(page), before_it - 2);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.waitForFunction((n) => fetch('/api/v1/findings?limit=1&status=new').then((answer) => answer.json()).then((found) => found.total === n), before_it, { polling: 300 });
});

test('a finding opens with evidence that leads to the raw event, and keeps a comment', async () => {
  const page = await desk.page('/findings');
  await page.locator('tbody tr td:nth-child(3)').first().click();
  const panel = page.getByRole('complementary').last();
  await settled(page);
  await page.keyboard.press('m');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill('Asked Mika: not hers.');
  await dialog.getByRole('button', { name: 'Comment' }).click();
  await panel.getByRole('tab', { name: /History/ }).click();
  await panel.getByText('Asked Mika: not hers.').waitFor();
  await page.reload();
  await page.getByText('Asked Mika: not hers.').waitFor();
});

test('suppressing asks for a reason and an end, says how much it hides, and hides it', async () => {
  const page = await desk.page('/findings');
  const before_it = await total(page);
  await page.locator('tbody input[type=checkbox]').first().check();
  await page.getByRole('button', { name: /Suppress/ }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/hide/i).first().waitFor();
  await dialog.getByRole('textbox', { name: 'Why is this fine?' }).fill('A drill of the blue team');
  await dialog.getByRole('button', { name: /Suppress/ }).last().click();
  await page.waitForFunction((n) => fetch('/api/v1/findings?limit=1&status=new').then((answer) => answer.json()).then((found) => found.total < n), before_it, { polling: 300 });
  await page.goto('/rules?tab=exceptions');
  await page.getByText('A drill of the blue team').waitFor();
});

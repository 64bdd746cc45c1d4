// A status that another person sees, and a reminder that comes back. Each runs where the program serves it.
import { describe, expect, inject, it } from 'vitest'
import { expectNoFaults, mark, message, openChannel, signIn, tool, unique, venkat, withBrowser, write } from './people.ts'

withBrowser()
const doors = inject('doors')
const document = (await (await fetch(`${doors.europe}/openapi.json`)).json()) as { paths: Record<string, unknown> }
const serves = (path: string) => path in document.paths

describe.skipIf(!serves('/v1/statuses'))('a status', () => {
  it('is set, seen by another person in another region, and cleared', async () => {
    const [a, b] = await Promise.all([signIn(mark, doors.americas), signIn(venkat, doors.asia)])
    await openChannel(b, 'apache_kafka_support')
    const words = unique('<b>writing</b>')
    await a.getByRole('button', { name: 'You and your settings' }).click()
    await a.getByRole('menuitem', { name: 'Set a status' }).click()
    await a.getByRole('radio', { name: 'Busy' }).click()
    await a.getByRole('textbox', { name: 'What are you up to?' }).fill(words)
    await a.getByLabel('Clear after').selectOption('1h')
    await a.getByRole('button', { name: 'Save' }).click()
    await a.getByRole('button', { name: 'You and your settings' }).getByText(words).waitFor()

    await b.getByRole('button', { name: 'Members' }).click()
    await b.getByRole('complementary').getByRole('button', { name: /Mark Smith/ }).click()
    await b.getByRole('complementary').getByText(words).waitFor()

    await a.getByRole('button', { name: 'You and your settings' }).click()
    await a.getByRole('menuitem', { name: 'Set a status' }).click()
    await a.getByRole('button', { name: 'Clear the status' }).click()
    await expect.poll(() => a.getByRole('button', { name: 'You and your settings' }).innerText()).not.toContain(words)
    expectNoFaults(a, b)
  })
})

describe.skipIf(!serves('/v1/reminders'))('a reminder', () => {
  it('about a message is set, listed, comes due and is done', async () => {
    const page = await signIn(mark, doors.americas)
    await openChannel(page, 'apache_kafka_support')
    const words = unique('do not forget <i>me</i>')
    await write(page, words)
    await message(page, words).waitFor()
    await tool(page, words, 'Remind me about this')
    await page.getByRole('button', { name: 'Tomorrow morning' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Reminders', exact: true }).click()
    const item = page.getByRole('complementary').getByRole('listitem').filter({ hasText: words })
    await item.getByRole('button', { name: 'Remove' }).click()
    await item.waitFor({ state: 'detached' })
    await page.getByRole('complementary').getByRole('button', { name: 'Close' }).click()

    // One that is due in two seconds, made as another program would make it.
    const due = unique('now')
    const at = new Date(Date.now() + 2_000).toISOString()
    const status = await page.evaluate(
      async (body) => (await fetch('/v1/reminders', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })).status,
      JSON.stringify({ text: due, at }),
    )
    expect(status).toBe(201)
    const banner = page.getByRole('alert').filter({ hasText: due })
    await banner.waitFor({ timeout: 60_000 })
    await banner.getByRole('button', { name: 'Done' }).click()
    await banner.waitFor({ state: 'detached' })
    expectNoFaults(page)
  })
})

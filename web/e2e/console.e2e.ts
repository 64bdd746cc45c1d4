// The geo console on real servers: what is broken by its buttons is seen at once, by the console and by people, and heals.
import { spawnSync } from 'node:child_process'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { look } from './looking.ts'
import { expectNoFaults, mark, message, openChannel, prachi, signIn, timeline, unique, venkat, withBrowser, write, type Person } from './people.ts'

withBrowser()
const doors = inject('doors')
const program = inject('program')

// A test that failed halfway leaves no broken node to the next.
afterAll(() => {
  if (program !== '') spawnSync(program, ['--topology', inject('topology'), 'up'], { stdio: 'ignore', timeout: 120_000 })
}, 130_000)

async function openConsole(page: Person, door: string): Promise<Person> {
  await page.goto(`${door}/console`)
  await page.getByText('All nodes answer').waitFor()
  return page
}

const part = (page: Person, name: string) => page.getByRole('region', { name, exact: true })
const node = (page: Person, name: string) => part(page, 'Nodes').getByRole('row').filter({ hasText: name })
const link = (page: Person, name: string) => part(page, 'Replication').getByRole('row').filter({ hasText: name })
const press = (page: Person, name: string) => page.getByRole('button', { name, exact: true }).click()

// A request by the page's own session.
const ask = (page: Person, method: string, target: string, body: unknown): Promise<number> =>
  page.evaluate(
    async ([verb, where, text]) => (await fetch(where!, { method: verb!, headers: { 'Content-Type': 'application/json' }, body: text! })).status,
    [method, target, JSON.stringify(body)],
  )

describe('the geo console', () => {
  it('shows the topology, and counts rows as they come', async () => {
    const page = await openConsole(await signIn(mark, doors.americas), doors.americas)
    for (const name of ['geo-americas', 'geo-europe', 'geo-asia', 'reminders-americas', 'reminders-europe', 'reminders-asia', 'status-americas', 'status-europe']) {
      await expect.poll(() => node(page, name).innerText()).toMatch(/primary|replica/)
    }
    expect(await part(page, 'Replication').getByText('running').count()).toBe(4)
    const tiers = await part(page, 'Tiers').innerText()
    for (const word of ['at once', '2 hours', '4 hours']) expect(tiers).toContain(word)

    const messages = async () => Number((await part(page, 'Rows by partition').getByRole('row').filter({ hasText: 'message' }).getByRole('cell').nth(1).innerText()).replace(/\D/g, ''))
    const before = await messages()
    expect(await ask(page, 'POST', '/v1/channels/1/messages', { text: 'one row more' })).toBe(201)
    await expect.poll(messages, { timeout: 10_000 }).toBeGreaterThan(before)
    expectNoFaults(page)
  })

  it('tells where a row rests, of those that one may see', async () => {
    const page = await openConsole(await signIn(mark, doors.europe), doors.europe)
    const inspector = part(page, 'Where does a row rest?')
    const find = async (id: string) => {
      await inspector.getByRole('textbox').fill(id)
      await inspector.getByRole('button', { name: 'Find' }).click()
    }
    await find('1')
    await inspector.getByText('profile 1 · Mark Smith').waitFor()
    await inspector.getByText('workspace_americas').waitFor()
    await inspector.getByText(/Only an operator moves a workspace/).waitFor()
    await inspector.getByText(/Together with workspace 1/).waitFor()
    await find('987654321')
    await inspector.getByText(/not/i).first().waitFor()
    expect(await inspector.locator('dl').count()).toBe(0)
    await find('<img src=x onerror="window.hit=1">')
    await inspector.getByText('An id is a whole number.').waitFor()
    expectNoFaults(page)
  })

  it('kills a region: its people wait, the others go on, and nothing is lost when it is back', async () => {
    const [operator, a, b, c] = await Promise.all([signIn(mark, doors.americas), signIn(mark, doors.americas), signIn(venkat, doors.asia), signIn(prachi, doors.asia)])
    await openConsole(operator, doors.americas)
    await openChannel(a, 'apache_kafka_support')
    for (const page of [b, c]) await openChannel(page, 'on_call_customer_support')
    const batch = unique('outage')
    await write(b, `${batch} 1`)
    await message(c, `${batch} 1`).waitFor()

    await press(operator, 'Kill all of Asia')
    await operator.getByText('2 down').waitFor({ timeout: 15_000 })
    await node(operator, 'geo-asia').getByText('does not answer').waitFor()
    await link(operator, 'reminders-americas → reminders-asia').getByText('down').waitFor()
    await look(operator, 'console-down-1280', '.page')
    for (const n of [2, 3]) await write(b, `${batch} ${n}`)
    await timeline(b).locator('[data-outgoing]').filter({ hasText: `${batch} 3` }).waitFor()
    await b.reload() // asks who one is, and nobody there knows
    await b.getByText('2 messages of yours wait here').waitFor()
    const elsewhere = unique('elsewhere')
    await write(a, elsewhere)
    await message(a, elsewhere).waitFor() // America does not need Asia

    await press(operator, 'Start all of Asia')
    await operator.getByText('All nodes answer').waitFor({ timeout: 90_000 })
    await message(b, `${batch} 3`).waitFor({ timeout: 60_000 })
    await message(c, `${batch} 3`).waitFor({ timeout: 30_000 })
    for (const page of [b, c]) {
      const texts = await timeline(page).locator('[data-message] .markup').filter({ hasText: batch }).allInnerTexts()
      expect(texts.map((text) => text.trim())).toEqual([1, 2, 3].map((n) => `${batch} ${n}`))
    }
    await link(operator, 'reminders-americas → reminders-asia').getByText('running').waitFor({ timeout: 60_000 })
    expectNoFaults(operator, a, b, c)
  })

  it('brings back the very region that knows who presses', async () => {
    const page = await openConsole(await signIn(mark, doors.americas), doors.americas)
    await press(page, 'Kill: geo-americas')
    await node(page, 'geo-americas').getByText('does not answer').waitFor({ timeout: 15_000 })
    await page.waitForTimeout(3_000)
    await press(page, 'Start: geo-americas')
    await page.getByText('All nodes answer').waitFor({ timeout: 60_000 })
    expectNoFaults(page)
  })

  it('freezes a node and thaws it', async () => {
    const page = await openConsole(await signIn(mark, doors.europe), doors.europe)
    await press(page, 'Freeze: geo-europe')
    await node(page, 'geo-europe').getByText('does not answer').waitFor({ timeout: 15_000 })
    await press(page, 'Thaw: geo-europe')
    await page.getByText('All nodes answer').waitFor({ timeout: 30_000 })
    expectNoFaults(page)
  })

  it('cuts both ways between the Status clusters, and shows who won when they heal', async () => {
    const [page, far] = await Promise.all([signIn(mark, doors.americas), signIn(mark, doors.europe)])
    await openConsole(page, doors.americas)
    const ways = ['status-americas → status-europe', 'status-europe → status-americas']
    for (const way of ways) {
      await press(page, `Cut: ${way}`)
      await link(page, way).getByText(/down|paused/).waitFor({ timeout: 15_000 })
    }
    expect(await ask(page, 'PUT', '/v1/profiles/1/status', { status: 'Busy' })).toBe(200)
    await page.waitForTimeout(1_200)
    expect(await ask(far, 'PUT', '/v1/profiles/1/status', { status: 'Vacationing' })).toBe(200)
    for (const way of ways) {
      await press(page, `Heal: ${way}`)
      await link(page, way).getByText('running').waitFor({ timeout: 60_000 })
    }
    const row = part(page, 'Status conflicts').getByRole('row').filter({ hasText: 'Vacationing' }).filter({ hasText: 'Busy' })
    await row.first().waitFor({ timeout: 60_000 })
    expect(await row.first().getByRole('cell').nth(1).innerText()).toContain('Vacationing')
    await page.evaluate(() => fetch('/v1/profiles/1/status', { method: 'DELETE' }))
    expectNoFaults(page)
  })
})

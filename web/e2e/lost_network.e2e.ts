// The network goes away and comes back: nothing is lost, nothing is there twice, and the order is the writer's.
import { execFileSync } from 'node:child_process'
import { describe, expect, inject, it } from 'vitest'
import { expectNoFaults, mark, message, openChannel, signIn, timeline, unique, venkat, withBrowser, write, type Person } from './people.ts'

withBrowser()
const doors = inject('doors')

async function textsWith(page: Person, mark: string): Promise<string[]> {
  const all = await timeline(page).locator('[data-message] .markup').allInnerTexts()
  return all.filter((text) => text.includes(mark)).map((text) => text.trim())
}

describe('without a network', () => {
  it('what was written waits, survives a reload, and goes out once and in order', async () => {
    const [a, b] = await Promise.all([signIn(mark, doors.americas), signIn(venkat, doors.asia)])
    await openChannel(a, 'apache_ignite_security')
    await openChannel(b, 'apache_ignite_security')
    const batch = unique('batch')
    await write(a, `${batch} 0`)
    await message(b, `${batch} 0`).waitFor()

    await a.context().setOffline(true)
    for (const n of [1, 2, 3]) await write(a, `${batch} ${n}`)
    await timeline(a).locator('[data-outgoing]').filter({ hasText: `${batch} 3` }).waitFor()
    await write(b, `${batch} from elsewhere`)

    // The page is loaded anew by a network that carries pages, and nothing that is sent. (Not while the browser plays
    // offline: it forgets that for a moment as it leaves the page, and what waits goes out then.)
    await a.route('**/v1/channels/*/messages', (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()))
    await a.context().setOffline(false)
    await a.reload()
    await timeline(a).locator('[data-outgoing]').filter({ hasText: `${batch} 3` }).waitFor()
    await write(a, `${batch} 4`)

    await a.unroute('**/v1/channels/*/messages')
    await message(a, `${batch} 4`).waitFor({ timeout: 30_000 })
    await message(b, `${batch} 4`).waitFor()
    await a.waitForTimeout(1500)
    const expected = ['0', 'from elsewhere', '1', '2', '3', '4'].map((n) => `${batch} ${n}`)
    await expect.poll(() => textsWith(a, batch)).toEqual(expected)
    await expect.poll(() => textsWith(b, batch)).toEqual(expected)
    expectNoFaults(a, b)
  })

  it('an answer that is lost on its way back makes no second message', async () => {
    const a = await signIn(mark, doors.americas)
    await openChannel(a, 'apache_ignite_security')
    const words = unique('once')
    let lost = 0
    await a.route('**/v1/channels/*/messages', async (route) => {
      if (route.request().method() !== 'POST' || lost >= 2) return route.continue()
      lost += 1
      await route.fetch() // the server has it
      await route.abort('connectionreset')
    })
    await write(a, words)
    await message(a, words).waitFor({ timeout: 30_000 })
    await a.waitForTimeout(1000)
    expect(lost).toBe(2)
    expect(await textsWith(a, words)).toEqual([words])
    expectNoFaults(a)
  })

  it('a process that is killed is missed by nobody', async ({ skip }) => {
    const program = inject('program')
    if (program === '') return skip('the topology is not ours')
    const [a, b] = await Promise.all([signIn(mark, doors.americas), signIn(venkat, doors.asia)])
    await openChannel(a, 'apache_ignite_security')
    await openChannel(b, 'apache_ignite_security')
    const batch = unique('killed')
    await write(a, `${batch} 1`)
    await message(b, `${batch} 1`).waitFor()
    const status = JSON.parse(execFileSync(program, ['--topology', inject('topology'), 'status', '--json']).toString()) as {
      services: { region: string; pid: number }[]
    }
    process.kill(status.services.find((each) => each.region === 'americas')!.pid, 'SIGKILL')
    for (const n of [2, 3, 4]) await write(a, `${batch} ${n}`)
    await message(b, `${batch} 4`).waitFor({ timeout: 30_000 })
    const expected = [1, 2, 3, 4].map((n) => `${batch} ${n}`)
    await expect.poll(() => textsWith(a, batch), { timeout: 20_000 }).toEqual(expected)
    await expect.poll(() => textsWith(b, batch)).toEqual(expected)
    expectNoFaults(a, b)
  })
})

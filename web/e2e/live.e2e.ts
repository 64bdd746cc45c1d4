// What comes through the live socket, and what stands in for it where sockets are blocked.
import { describe, expect, inject, it } from 'vitest'
import { expectNoFaults, jonas, mark, message, openChannel, signIn, unique, untilLive, venkat, withBrowser, write, type Person } from './people.ts'

withBrowser()
const doors = inject('doors')

// The targets that a page asks for from now on, without its origin.
function requestsOf(page: Person): string[] {
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url().replace(/^\w+:\/\/[^/]+/, '')))
  return asked
}

describe('the live socket', () => {
  it('brings what others write, and nothing is polled beside it', async () => {
    const [a, b] = await Promise.all([signIn(mark, doors.americas), signIn(venkat, doors.asia)])
    for (const page of [a, b]) await openChannel(page, 'apache_kafka_support')
    await b.waitForLoadState('networkidle')
    const asked = requestsOf(b)
    const words = unique('through the socket')
    await write(a, words)
    await message(b, words).waitFor()
    expect(b.heard.filter((frame) => frame.type === 'message').map((frame) => (frame['message'] as { text: string }).text)).toContain(words)
    await b.waitForTimeout(6_000) // polling asks every 2.5 s
    expect(asked.filter((target) => /^\/v1\/channels(\?|\/\d+\/(messages|changes))/.test(target))).toEqual([])
    expect(b.heard.filter((frame) => frame.type === 'hello').length).toBe(1)
    expectNoFaults(a, b)
  })

  it('tells who is there, who writes, and what one has read on another device', async () => {
    const [a, b] = await Promise.all([signIn(mark, doors.americas), signIn(venkat, doors.asia)])
    const other = await signIn(mark, doors.europe)
    await openChannel(other, 'apache_ignite_security')
    for (const page of [a, b]) await openChannel(page, 'apache_kafka_support')
    await b.getByRole('button', { name: 'Members' }).click()
    await b.getByRole('complementary').getByRole('button', { name: /online Mark Smith/ }).waitFor()

    await a.locator('.foot').getByRole('textbox').pressSequentially('hm', { delay: 50 })
    await b.getByText('Mark Smith is writing…').waitFor()
    await a.locator('.foot').getByRole('textbox').fill('')

    // Mark's other device knows that it is unread, and then that it has been read.
    await openChannel(a, 'apache_ignite_security')
    await write(b, unique('unread'))
    await other.getByRole('link', { name: /apache_kafka_support.*\d+ unread message/ }).waitFor()
    await openChannel(a, 'apache_kafka_support')
    await other.getByRole('link', { name: 'apache_kafka_support', exact: true }).waitFor()
    for (const type of ['presence', 'typing']) expect(b.heard.some((frame) => frame.type === type), type).toBe(true)
    expect(other.heard.some((frame) => frame.type === 'read')).toBe(true)

    await a.context().close()
    await b.getByRole('complementary').getByRole('button', { name: /online Mark Smith/ }).waitFor()
    await other.context().close()
    await b.getByRole('complementary').getByRole('button', { name: /online Mark Smith/ }).waitFor({ state: 'detached' })
    expectNoFaults(b)
  })

  it('follows a channel that one is brought into, and forgets one that one leaves', async () => {
    const [a, c] = await Promise.all([signIn(mark, doors.americas), signIn(jonas, doors.europe)])
    const name = unique('guests').replace(' ', '-')
    await a.getByRole('button', { name: 'New channel' }).click()
    await a.getByLabel('Name').fill(name)
    await a.getByRole('button', { name: 'Create channel' }).click()
    await a.getByRole('heading', { level: 1, name }).waitFor()
    await write(a, 'What was here before')
    await a.getByRole('button', { name: 'About this channel' }).click()
    await a.getByLabel('Bring somebody in').selectOption({ label: 'Jonas Fischer' })
    await a.getByRole('button', { name: 'Add' }).click()
    await a.keyboard.press('Escape')

    const link = c.getByRole('link', { name: new RegExp(name) })
    await link.waitFor()
    expect(c.heard.some((frame) => frame.type === 'followed')).toBe(true)
    const words = unique('welcome')
    await write(a, words)
    await c.getByRole('link', { name: new RegExp(`${name}.*unread`) }).waitFor()
    await link.click()
    await message(c, 'What was here before').waitFor()
    await message(c, words).waitFor()

    await c.getByRole('button', { name: 'About this channel' }).click()
    await c.getByRole('button', { name: 'Leave' }).click()
    await link.waitFor({ state: 'detached' })
    expectNoFaults(a, c)
  })

  it('where it is blocked, is replaced by asking, until it is there again', async () => {
    const [a, b] = await Promise.all([signIn(mark, doors.americas), signIn(venkat, doors.asia)])
    await openChannel(a, 'apache_kafka_support')
    let isBlocked = true
    await b.routeWebSocket('**/v1/events', (socket) => (isBlocked ? void socket.close() : void socket.connectToServer()))
    await b.goto(`${doors.asia}/c/1`)
    await b.getByText('Connected, without a live socket').waitFor()
    const words = unique('asked for')
    await write(a, words)
    await message(b, words).waitFor()
    isBlocked = false
    await untilLive(b)
    expectNoFaults(a, b)
  })
})

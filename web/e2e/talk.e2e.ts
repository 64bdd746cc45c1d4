// Two people in two regions talk.
import { describe, expect, inject, it } from 'vitest'
import { expectNoFaults, jonas, mark, menuItem, message, openChannel, signIn, timeline, tool, unique, venkat, withBrowser, write } from './people.ts'

withBrowser()
const doors = inject('doors')

describe('two people in two regions', () => {
  it('write, edit, react, answer in a thread, delete and take it back', async () => {
    const [a, b] = await Promise.all([signIn(mark, doors.americas), signIn(venkat, doors.asia)])
    await openChannel(a, 'apache_kafka_support')
    await openChannel(b, 'apache_kafka_support')

    const question = unique('Is 4.0 out?')
    await write(a, question)
    await message(b, question).waitFor()
    const answer = unique('Since Tuesday')
    await write(b, answer)
    await message(a, answer).waitFor()

    // The arrow up in an empty field edits the last message of one's own.
    await a.locator('.foot').getByRole('textbox').press('ArrowUp')
    const edited = `${question} And 4.1?`
    await timeline(a).getByRole('textbox').fill(edited)
    await timeline(a).getByRole('textbox').press('Enter')
    await message(b, edited).getByText('(edited)').waitFor()

    await tool(b, edited, 'Add a reaction')
    await b.getByRole('dialog', { name: 'Emoji' }).getByRole('button', { name: '👍' }).first().click()
    await message(a, edited).getByRole('button', { name: /👍, 1 time: Venkat Sharma/ }).click()
    await message(b, edited).getByRole('button', { name: /👍, 2 times/ }).waitFor()

    await tool(b, edited, 'Reply in a thread')
    const reply = unique('In a thread')
    await b.getByRole('complementary', { name: 'Thread' }).getByRole('textbox').fill(reply)
    await b.keyboard.press('Enter')
    await message(a, edited).getByRole('button', { name: '1 reply' }).click()
    await a.getByRole('complementary', { name: 'Thread' }).getByText(reply).waitFor()

    // Deleting waits for a regret; then it is deleted for everybody.
    const regretted = unique('Oh no')
    await write(a, regretted)
    await message(b, regretted).waitFor()
    await menuItem(a, regretted, 'Delete')
    await a.getByRole('button', { name: 'Undo' }).click()
    await message(a, regretted).waitFor()
    await menuItem(a, regretted, 'Delete')
    await message(b, regretted).waitFor({ state: 'detached', timeout: 15_000 })
    expectNoFaults(a, b)
  })

  it('call each other, and see what is unread', async () => {
    const a = await signIn(mark, doors.americas)
    const c = await signIn(jonas, doors.europe)
    await openChannel(c, 'apache_ignite_security')
    await openChannel(a, 'apache_kafka_support')
    const field = a.locator('.foot').getByRole('textbox')
    const words = unique('please look')
    await field.pressSequentially('@jon')
    await a.getByRole('option', { name: 'Jonas Fischer' }).waitFor()
    await field.press('Enter')
    await field.pressSequentially(words)
    await field.press('Enter')
    await message(a, words).getByRole('button', { name: '@Jonas Fischer' }).waitFor()

    const row = c.getByRole('link', { name: /apache_kafka_support.*\d+ messages? for you/ })
    await row.waitFor()
    await expect.poll(() => c.title()).toMatch(/^\(\d+\)/)
    await row.click()
    await message(c, words).waitFor()
    await c.getByRole('link', { name: 'apache_kafka_support', exact: true }).waitFor()
    expectNoFaults(a, c)
  })

  it('write to each other directly', async () => {
    const [a, b] = await Promise.all([signIn(mark, doors.americas), signIn(venkat, doors.asia)])
    await openChannel(a, 'Venkat Sharma')
    const words = unique('Just you and me')
    await write(a, words)
    await b.getByRole('link', { name: /Mark Smith.*\d+ messages? for you/ }).click()
    await message(b, words).waitFor()
    expectNoFaults(a, b)
  })

  it('follow a permalink to its message', async () => {
    const a = await signIn(mark, doors.americas)
    await openChannel(a, 'apache_kafka_support')
    const words = unique('Look here')
    await write(a, words)
    const seq = await message(a, words).getAttribute('data-message')
    await a.goto(`${doors.europe}/c/1/${seq}`)
    await message(a, words).waitFor()
    expect(new URL(a.url()).pathname).toBe(`/c/1/${seq}`)
    expectNoFaults(a)
  })

  it('make a channel, set its topic, archive it and bring it back', async () => {
    const a = await signIn(mark, doors.americas)
    const name = unique('plans').replace(' ', '-')
    await a.getByRole('button', { name: 'New channel' }).click()
    await a.getByLabel('Name').fill(name)
    await a.getByRole('button', { name: 'Create channel' }).click()
    await a.getByRole('heading', { level: 1, name }).waitFor()
    await a.getByRole('button', { name: 'About this channel' }).click()
    await a.getByLabel('Topic').fill('What comes next')
    await a.getByRole('button', { name: 'Save' }).click()
    await a.getByText('What comes next').waitFor()
    await a.getByRole('button', { name: 'About this channel' }).click()
    await a.getByRole('button', { name: 'Archive' }).click()
    await a.getByText('This channel is archived').waitFor()
    await a.getByRole('button', { name: 'Undo' }).click()
    await a.locator('.foot').getByRole('textbox').waitFor()
    expectNoFaults(a)
  })
})

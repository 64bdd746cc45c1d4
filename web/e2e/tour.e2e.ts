// The first steps of somebody new: five clicks, each of which does the real thing.
import { describe, expect, inject, it } from 'vitest'
import { expectNoFaults, prachi, signIn, withBrowser } from './people.ts'

withBrowser()
const doors = inject('doors')

describe('the tour', () => {
  it('does what each step says, and ends', async () => {
    const page = await signIn(prachi, doors.europe)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.getByRole('button', { name: 'You and your settings' }).click()
    await page.getByRole('menuitem', { name: 'A tour by clicking' }).click()
    const tour = page.getByRole('region', { name: 'A tour by clicking' })
    const steps = [
      ['Post a message', /came in by europe and rests in asia/],
      ['Show the members', /\d+ members, whose profiles rest in: .*asia/],
      ['Post three messages', /got the numbers \d+, \d+, \d+/],
      ['Remind me tomorrow', /The primary has it/],
      ['Busy, then Active', /Both sides now show Active/],
    ] as const
    for (const [index, [button, outcome]] of steps.entries()) {
      await tour.getByText(`Step ${index + 1} of ${steps.length}`).waitFor()
      await tour.getByRole('button', { name: button }).click()
      await tour.getByRole('status').getByText(outcome).waitFor()
      if (index + 1 < steps.length) await tour.getByRole('button', { name: 'Next' }).click()
    }
    expect(await tour.getByRole('alert').count()).toBe(0)
    await tour.getByRole('button', { name: 'End the tour' }).last().click()
    await tour.waitFor({ state: 'detached' })
    await page.getByRole('complementary').getByText('Active').first().waitFor()
    expectNoFaults(page)
  })
})

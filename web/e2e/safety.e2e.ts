// Whatever somebody writes is text to everybody.
import { describe, expect, inject, it } from 'vitest'
import { expectNoFaults, mark, message, openChannel, signIn, unique, venkat, visitor, withBrowser, write } from './people.ts'

withBrowser()
const doors = inject('doors')

const attacks = [
  '<script>window.hit=1</script>',
  '<img src=x onerror="window.hit=1">',
  '<svg/onload=window.hit=1>',
  '"><iframe srcdoc="<script>parent.hit=1</script>">',
  '[click](javascript:window.hit=1)',
  '![x](javascript:window.hit=1)',
  '<a href="javascript:window.hit=1">x</a>',
  '{{constructor.constructor("window.hit=1")()}}',
]

describe('attacks', () => {
  it('in messages stay text', async () => {
    const [a, b] = await Promise.all([signIn(mark, doors.americas), signIn(venkat, doors.asia)])
    await openChannel(a, 'apache_kafka_support')
    await openChannel(b, 'apache_kafka_support')
    for (const attack of attacks) {
      const words = `${unique('x')} ${attack}`
      await write(a, words)
      for (const page of [a, b]) await message(page, words).waitFor()
    }
    for (const page of [a, b]) {
      expect(await page.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined()
      expect(await page.locator('.markup :is(script, iframe, img, svg)').count()).toBe(0)
      expect(await page.locator('a[href^="javascript:" i]').count()).toBe(0)
    }
    expectNoFaults(a, b)
  })

  it('in names and topics stay text', async () => {
    const attack = '<img src=x onerror="window.hit=1">'
    const email = `${unique('eve').replace(' ', '.')}@example.com`
    const eve = await visitor()
    await eve.goto(`${doors.europe}/sign-in`)
    await eve.getByRole('button', { name: 'Create an account' }).click()
    await eve.getByLabel('Full name').fill(`Eve ${attack}`)
    await eve.getByLabel('E-mail').fill(email)
    await eve.getByLabel('Password').fill('twelve letters and more')
    await eve.getByLabel('Country').fill('Germany')
    await eve.getByRole('button', { name: 'Create account' }).click()
    await eve.getByRole('button', { name: 'You and your settings' }).getByText('Eve <img').waitFor()
    expect(await eve.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined()
    expectNoFaults(eve)

    const a = await signIn(mark, doors.americas)
    await a.getByRole('button', { name: 'New channel' }).click()
    await a.getByLabel('Name').fill(unique('topic').replace(' ', '-'))
    await a.getByLabel('Topic').fill(attack)
    await a.getByRole('button', { name: 'Create channel' }).click()
    await a.getByRole('banner').or(a.locator('.head')).getByText(attack).waitFor()
    expect(await a.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined()
    expectNoFaults(a)
  })

  it('find a page that lets nothing foreign in', async () => {
    const response = await fetch(`${doors.asia}/`)
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    // A page of another site may not use the cookie.
    const page = await signIn(mark, doors.americas)
    const cookies = await page.context().cookies()
    const session = cookies.find((each) => each.name === 'meridian_session')!
    expect(session.httpOnly).toBe(true)
    expect(session.sameSite).toBe('Lax')
    const headers = { Cookie: `meridian_session=${session.value}`, Origin: 'http://evil.example', 'Content-Type': 'application/json' }
    const forged = await fetch(`${doors.americas}/v1/channels/1/messages`, { method: 'POST', headers, body: '{"text":"forged"}' })
    expect(forged.status).toBe(403)
  })
})

// People in front of browsers of their own.
import { chromium, type Browser, type BrowserContextOptions, type Cookie, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest'

export const mark = 'msmith@apache.org' // 1, America, in Apache
export const jonas = 'jonas_fischer@gmail.com' // 5, Europe, in Apache
export const shoiMing = 'shoimingli@apache.org' // 8, America, in Apache
export const venkat = 'vsharma@techmahindra.com' // 9, Asia, in Apache and Tech Mahindra
export const prachi = 'pgarg@techmahindra.com' // 10, Asia, in Tech Mahindra

// What goes wrong in a page goes wrong in the test. Requests that are refused on purpose are not listed here: the
// browser logs each failed one, and the tests cut networks.
export interface Person extends Page {
  faults: string[]
  heard: Frame[] // that came through the live socket, in order
}

export interface Frame {
  type: string
  [name: string]: unknown
}

let browser: Browser

export function withBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env['MERIDIAN_CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
  })
  // Who has left asks the servers for nothing, and costs the next test no time.
  afterEach(async () => void (await Promise.all(browser.contexts().map((context) => context.close()))))
  afterAll(() => browser.close())
}

export async function visitor(options: BrowserContextOptions = {}): Promise<Person> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', colorScheme: 'light', ...options })
  context.setDefaultTimeout(40_000)
  const page = (await context.newPage()) as Person
  page.faults = []
  page.heard = []
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => page.heard.push(JSON.parse(String(payload)) as Frame)))
  page.on('pageerror', (error) => page.faults.push(error.message))
  page.on('dialog', (dialog) => {
    page.faults.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    if (/Content.Security.Policy|Trusted/i.test(message.text())) page.faults.push(message.text())
  })
  return page
}

// By the sign-in page the first time, with the same session from then on. Ends when the live socket has said hello: a
// page that has fallen back to polling does not pass.
const sessions = new Map<string, Cookie[]>()
export async function signIn(email: string, door: string, options: BrowserContextOptions = {}): Promise<Person> {
  const page = await visitor(options)
  // Not on the browser's own page for a lost network: that has no storage.
  await page.addInitScript(() => void (location.protocol === 'http:' && self.origin !== 'null' && localStorage.setItem('meridian.tour', 'seen')))
  const session = sessions.get(email)
  if (session) {
    await page.context().addCookies(session)
    await page.goto(door)
  } else {
    await page.goto(`${door}/sign-in`)
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password').fill(inject('password'))
    await page.getByRole('button', { name: 'Sign in' }).click()
  }
  await page.getByRole('log').waitFor()
  await untilLive(page)
  sessions.set(email, await page.context().cookies())
  return page
}

// The page says so beside its list of channels, wherever that is.
export const untilLive = (page: Page) => page.locator('[data-state=live]').waitFor({ state: 'attached' })

export async function openChannel(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'A channel or a person' }).fill(name)
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

export async function write(page: Page, text: string): Promise<void> {
  const field = page.locator('.foot').first().getByRole('textbox')
  await field.fill(text)
  await field.press('Enter')
}

export const timeline = (page: Page) => page.getByRole('log')

// A message that the server has: one that is on its way has no number yet.
export const message = (page: Page, text: string) => timeline(page).locator('[data-message]').filter({ hasText: text })

export async function tool(page: Page, text: string, name: string): Promise<void> {
  await message(page, text).last().hover()
  await message(page, text).last().getByRole('button', { name, exact: true }).click()
}

export async function menuItem(page: Page, text: string, name: string): Promise<void> {
  await tool(page, text, 'More')
  await page.getByRole('menuitem', { name, exact: true }).click()
}

export const unique = (word: string): string => `${word} ${Math.random().toString(36).slice(2, 8)}`

export function expectNoFaults(...people: Person[]): void {
  for (const page of people) expect(page.faults).toEqual([])
}

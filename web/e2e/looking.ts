// What every page is held against, in both themes: axe finds nothing, and nothing sticks out. With
// MERIDIAN_SCREENSHOTS=DIRECTORY it leaves pictures there.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const screenshots = process.env['MERIDIAN_SCREENSHOTS']

interface Violation {
  id: string
  nodes: { html: string; failureSummary?: string }[]
}

// The content policy lets no script of ours into the page, and holds for everybody: axe runs in a world of its own.
async function violations(page: Page, runOnly: unknown): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  const { frameTree } = await session.send('Page.getFrameTree')
  const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' })
  await session.send('Runtime.evaluate', { expression: axeSource, contextId: executionContextId })
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, ${JSON.stringify({ runOnly })}).then((found) => JSON.stringify(found.violations))`,
    contextId: executionContextId,
    awaitPromise: true,
  })
  await session.detach()
  const found = JSON.parse(String(result.value)) as Violation[]
  return found.flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.html.slice(0, 160)} ${node.failureSummary?.slice(0, 300) ?? ''}`))
}

const everything = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const colours = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } // all that a theme may change

// `whole`: what scrolls, for a picture of all of it.
export async function look(page: Page, name: string, whole?: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.waitForTimeout(350) // what moves has arrived
    expect(await violations(page, colorScheme === 'light' ? everything : colours), `${name}, ${colorScheme}`).toEqual([])
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(overflow, `${name} sticks out`).toBeLessThanOrEqual(0)
    if (screenshots) await picture(page, join(screenshots, name.replace(/(-\d+)?$/, `-${colorScheme}$1`)), whole)
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

async function picture(page: Page, path: string, whole?: string): Promise<void> {
  const size = page.viewportSize()!
  if (whole) await page.setViewportSize({ ...size, height: await page.locator(whole).evaluate((element) => element.scrollHeight) })
  await page.screenshot({ path: `${path}.png` })
  await page.setViewportSize(size)
}

// What every page is held against: axe finds nothing, and nothing sticks out. With MERIDIAN_SCREENSHOTS=DIRECTORY it leaves
// pictures there.
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
async function violations(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  const { frameTree } = await session.send('Page.getFrameTree')
  const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' })
  await session.send('Runtime.evaluate', { expression: axeSource, contextId: executionContextId })
  const options = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, ${JSON.stringify(options)}).then((found) => JSON.stringify(found.violations))`,
    contextId: executionContextId,
    awaitPromise: true,
  })
  await session.detach()
  const found = JSON.parse(String(result.value)) as Violation[]
  return found.flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.html.slice(0, 160)} ${node.failureSummary?.slice(0, 300) ?? ''}`))
}

// `whole`: what scrolls, for a picture of all of it.
export async function look(page: Page, name: string, whole?: string): Promise<void> {
  await page.waitForTimeout(350) // what moves has arrived
  expect(await violations(page), name).toEqual([])
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(overflow, `${name} sticks out`).toBeLessThanOrEqual(0)
  if (!screenshots) return
  const size = page.viewportSize()!
  if (whole) await page.setViewportSize({ ...size, height: await page.locator(whole).evaluate((element) => element.scrollHeight) })
  await page.screenshot({ path: join(screenshots, `${name}.png`) })
  await page.setViewportSize(size)
}

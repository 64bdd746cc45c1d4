import { describe, expect, it } from 'vitest'
import { Heights } from './heights.ts'

const keys = (count: number) => Array.from({ length: count }, (_, index) => `k${index}`)

describe('Heights', () => {
  it('is exact where it was measured, and guesses elsewhere', () => {
    const heights = new Heights(50)
    heights.setKeys(keys(4))
    expect(heights.total).toBe(200)
    expect(heights.measure([['k1', 80]])).toBe(true)
    expect(heights.measure([['k1', 80]])).toBe(false)
    expect([heights.topOf('k0'), heights.topOf('k1'), heights.topOf('k2'), heights.total]).toEqual([0, 50, 130, 230])
    expect([0, 49, 50, 129, 130, 9999].map((y) => heights.indexAt(y))).toEqual([0, 0, 1, 1, 2, 3])
  })

  it('keeps what it knows of rows that move', () => {
    const heights = new Heights(50)
    heights.setKeys(keys(2))
    heights.measure([['k0', 20]])
    heights.setKeys(['older', ...keys(2)])
    expect(heights.topOf('k1')).toBe(70)
  })

  it('cuts a small window out of a hundred thousand rows', () => {
    const heights = new Heights(50)
    heights.setKeys(keys(100_000))
    let most = 0
    for (let top = 0; top < 5_000_000; top += 50_000) {
      const slice = heights.slice(top, 800, 400)
      most = Math.max(most, slice.last - slice.first)
      expect(slice.before + slice.after + (slice.last - slice.first) * 50).toBe(heights.total)
    }
    expect(most).toBeLessThan(40)
  })

  it('is empty when there is nothing', () => {
    expect(new Heights(50).slice(0, 100, 0)).toEqual({ first: 0, last: 0, before: 0, after: 0 })
  })
})

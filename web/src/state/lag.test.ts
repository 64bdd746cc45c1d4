import { describe, expect, it } from 'vitest'
import { grown, type Lag } from './lag.ts'

const nothing: Lag = { times: [], series: [] }

describe('lag over time', () => {
  it('keeps lines in step when one comes late and one goes away', () => {
    let lag = grown(nothing, 1, new Map([['a', 10]]), 5)
    lag = grown(lag, 2, new Map([['a', 11], ['b', 0]]), 5)
    lag = grown(lag, 3, new Map([['b', 7]]), 5)
    expect(lag.times).toEqual([1, 2, 3])
    expect(lag.series).toEqual([
      { name: 'a', values: [10, 11, null] },
      { name: 'b', values: [null, 0, 7] },
    ])
  })

  it('forgets the oldest', () => {
    let lag = nothing
    for (let at = 1; at <= 10; at += 1) lag = grown(lag, at, new Map([['a', at * 10]]), 3)
    expect(lag).toEqual({ times: [8, 9, 10], series: [{ name: 'a', values: [80, 90, 100] }] })
  })

  it('does not take zero for unknown', () => {
    expect(grown(nothing, 1, new Map([['a', 0]]), 3).series[0]!.values).toEqual([0])
  })
})

// Lag over time, for charts: lines that share one axis.

// null where nobody knew.
export interface Series {
  name: string
  values: (number | null)[]
}

export interface Lag {
  times: number[] // seconds since the epoch
  series: Series[]
}

// One moment more, at most `most` of them; the oldest go. A line that is new begins with nulls, one that is not told of
// now goes on with null.
export function grown(before: Lag, at: number, values: ReadonlyMap<string, number | null>, most: number): Lag {
  const from = Math.max(0, before.times.length + 1 - most)
  const names = new Set([...before.series.map((one) => one.name), ...values.keys()])
  return {
    times: [...before.times, at].slice(from),
    series: [...names].map((name) => {
      const known = before.series.find((one) => one.name === name)?.values ?? Array<null>(before.times.length).fill(null)
      return { name, values: [...known, values.get(name) ?? null].slice(from) }
    }),
  }
}

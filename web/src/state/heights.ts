// Where the rows of a long list are: heights that were measured, and a guess for those that nobody has seen.

export interface Slice {
  first: number // rows [first, last) are to be there
  last: number
  before: number // pixels above them
  after: number // and below
}

export class Heights {
  private readonly measured = new Map<string, number>()
  private keys: readonly string[] = []
  private tops: number[] = [0] // of each row, and of the end

  constructor(private readonly guess: number) {}

  setKeys(keys: readonly string[]): void {
    this.keys = keys
    this.layOut()
  }

  // Answers whether anything has moved.
  measure(sizes: Iterable<readonly [string, number]>): boolean {
    let moved = false
    for (const [key, height] of sizes) {
      if (this.measured.get(key) === height) continue
      this.measured.set(key, height)
      moved = true
    }
    if (moved) this.layOut()
    return moved
  }

  get total(): number {
    return this.tops[this.keys.length] ?? 0
  }

  topOf(key: string): number | undefined {
    const index = this.keys.indexOf(key)
    return index < 0 ? undefined : this.tops[index]
  }

  // The row at that height, by halving.
  indexAt(y: number): number {
    let low = 0
    let high = this.keys.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.tops[middle]! <= y) low = middle
      else high = middle - 1
    }
    return low
  }

  keyAt(index: number): string | undefined {
    return this.keys[index]
  }

  // The rows that a window shows, and some beyond it.
  slice(top: number, height: number, margin: number): Slice {
    if (this.keys.length === 0) return { first: 0, last: 0, before: 0, after: 0 }
    const first = this.indexAt(Math.max(0, top - margin))
    const last = Math.min(this.keys.length, this.indexAt(top + height + margin) + 1)
    return { first, last, before: this.tops[first]!, after: this.total - this.tops[last]! }
  }

  private layOut(): void {
    const tops = new Array<number>(this.keys.length + 1)
    let top = 0
    for (let index = 0; index < this.keys.length; index += 1) {
      tops[index] = top
      top += this.measured.get(this.keys[index]!) ?? this.guess
    }
    tops[this.keys.length] = top
    this.tops = tops
  }
}

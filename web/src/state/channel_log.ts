// One channel's messages as far as they are here: which are known without a gap, and up to which change.
//
// A message's place is its seq, its age is its change_seq. Whatever brings one (a page, a change list, a live frame, the
// answer to a send) hands it to `apply`, in any order and as often as it likes: the newest wins, nothing is there twice.
import type { Message } from '../api/types.ts'

export interface Range {
  from: number // seq, inclusive
  to: number
}

// What a page or a list of changes says beyond its messages.
export interface PageFacts {
  from: number // every message from here ...
  to: number // ... to here is in it
}

export class ChannelLog {
  // Every change up to here has been applied to what is here.
  changeSeq: number
  // Of the channel's last message, as far as anybody has said.
  lastSeq: number

  private readonly bySeq = new Map<number, Message>()
  private readonly seqById = new Map<string, number>()
  private ranges: Range[] = [] // ascending, not touching each other

  // `changeSeq` must have been read before the first page: then no change falls between them.
  constructor(changeSeq: number, lastSeq: number) {
    this.changeSeq = changeSeq
    this.lastSeq = lastSeq
  }

  get(seq: number): Message | undefined {
    return this.bySeq.get(seq)
  }

  getById(id: string): Message | undefined {
    const seq = this.seqById.get(id)
    return seq === undefined ? undefined : this.bySeq.get(seq)
  }

  // In no order.
  all(): Message[] {
    return [...this.bySeq.values()]
  }

  get knownRanges(): readonly Range[] {
    return this.ranges
  }

  // The known stretch around a seq, or the last one.
  rangeAround(seq: number | null): Range | undefined {
    if (seq === null) {
      const last = this.ranges.at(-1)
      return last && last.to >= this.lastSeq ? last : undefined
    }
    return this.ranges.find((range) => range.from <= seq && seq <= range.to)
  }

  messagesIn(range: Range): Message[] {
    const found: Message[] = []
    for (let seq = range.from; seq <= range.to; seq += 1) {
      const message = this.bySeq.get(seq)
      if (message) found.push(message)
    }
    return found
  }

  // Messages of a page that has all there is between two seqs.
  addPage(messages: readonly Message[], facts: PageFacts): void {
    for (const message of messages) this.keep(message)
    if (facts.to >= facts.from) this.join({ from: facts.from, to: facts.to })
    this.lastSeq = Math.max(this.lastSeq, facts.to)
  }

  // A message as it is now. One that touches no known stretch is kept aside until a stretch reaches it. Answers whether
  // anything has changed here.
  apply(message: Message): boolean {
    this.lastSeq = Math.max(this.lastSeq, message.seq)
    const isNewer = this.keep(message)
    const touches = this.ranges.some((range) => range.from - 1 <= message.seq && message.seq <= range.to + 1)
    if (touches || message.seq === 1) this.join({ from: message.seq, to: message.seq })
    return isNewer
  }

  // A live frame. Answers false when changes before it are missing: ask for them.
  applyLive(message: Message, changeSeq: number): boolean {
    const follows = changeSeq <= this.changeSeq + 1
    this.apply(message)
    if (follows) this.changeSeq = Math.max(this.changeSeq, changeSeq)
    return follows
  }

  // The answer to "what has changed after changeSeq?".
  applyChanges(messages: readonly Message[], changeSeq: number, lastSeq: number): void {
    for (const message of messages) this.apply(message)
    this.changeSeq = Math.max(this.changeSeq, changeSeq)
    this.lastSeq = Math.max(this.lastSeq, lastSeq)
  }

  // Takes the place of what is there whatever its age; whoever calls it has the server's word, or will soon.
  replace(message: Message): void {
    if (!this.bySeq.has(message.seq)) return
    this.bySeq.set(message.seq, message)
  }

  private keep(message: Message): boolean {
    const known = this.bySeq.get(message.seq)
    if (known && !isNewer(message, known)) return false
    this.bySeq.set(message.seq, message)
    this.seqById.set(message.id, message.seq)
    return true
  }

  private join(added: Range): void {
    const kept: Range[] = []
    let { from, to } = added
    while (this.bySeq.has(to + 1)) to += 1
    while (this.bySeq.has(from - 1)) from -= 1
    for (const range of this.ranges) {
      if (range.to + 1 < from || to + 1 < range.from) {
        kept.push(range)
      } else {
        from = Math.min(from, range.from)
        to = Math.max(to, range.to)
      }
    }
    kept.push({ from, to })
    this.ranges = kept.sort((left, right) => left.from - right.from)
  }
}

// A reply moves its root's reply_count and not its change_seq.
function isNewer(message: Message, known: Message): boolean {
  if (message.change_seq !== known.change_seq) return message.change_seq > known.change_seq
  return message.reply_count > known.reply_count
}

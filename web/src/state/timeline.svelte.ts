// One channel's messages as a view shows them: a known stretch around a place, and how more of it is fetched.
import { Refused, type Api } from '../api/client.ts'
import type { Channel, Message } from '../api/types.ts'
import { ChannelLog, type Range } from './channel_log.ts'

const pageSize = 60
const changesMax = 200 // of one page
const changesBehindMax = 2000 // beyond, a fresh start costs less
const seekStepsMax = 24
const rootDelayMs = 250

export class Timeline {
  log: ChannelLog
  error = $state.raw<Error | null>(null)
  isLoading = $state(false)
  // Where the view stands: a seq that is in the stretch, or null for the end.
  anchor = $state<number | null>(null)
  private version = $state(0)
  private catchingUp: Promise<void> | null = null
  private wantedChange = 0 // up to where somebody has said that there are changes
  private loads = new Map<string, Promise<void>>()
  private readonly answered = new Set<string>() // roots that are to be asked for again

  constructor(
    private readonly api: Api,
    readonly channelId: string,
    channel: Pick<Channel, 'change_seq' | 'last_seq'>,
  ) {
    this.log = new ChannelLog(channel.change_seq, channel.last_seq)
  }

  get range(): Range | undefined {
    void this.version
    return this.log.rangeAround(this.anchor)
  }

  get messages(): Message[] {
    const range = this.range
    return range ? this.log.messagesIn(range) : []
  }

  get isStart(): boolean {
    const range = this.range
    return range ? range.from === 1 : this.log.lastSeq === 0
  }

  get isEnd(): boolean {
    const range = this.range
    return range ? range.to >= this.log.lastSeq : this.log.lastSeq === 0
  }

  byId(id: string): Message | undefined {
    void this.version
    return this.log.getById(id)
  }

  // Those of a thread's replies that are here.
  repliesTo(rootId: string): Message[] {
    void this.version
    return this.log.all().filter((each) => each.thread_root_id === rootId)
  }

  // Shows the end, or the neighbourhood of a seq.
  async open(seq: number | null): Promise<void> {
    this.error = null
    if (seq !== null && seq >= this.log.lastSeq && this.log.rangeAround(null)) seq = null
    if (this.log.rangeAround(seq)) {
      this.anchor = seq
      return
    }
    this.isLoading = true
    try {
      await this.load(seq === null ? {} : { around_seq: seq })
      this.anchor = seq !== null && this.log.rangeAround(seq) ? seq : null
    } catch (caught) {
      this.error = caught as Error
    } finally {
      this.isLoading = false
    }
  }

  loadOlder(): Promise<void> {
    const range = this.range
    return range && range.from > 1 ? this.once(`before ${range.from}`, { before_seq: range.from }) : Promise.resolve()
  }

  loadNewer(): Promise<void> {
    const range = this.range
    return range && !this.isEnd ? this.once(`after ${range.to}`, { after_seq: range.to }) : Promise.resolve()
  }

  apply(message: Message): void {
    this.noteReplies([message])
    if (this.log.apply(message)) this.changed()
  }

  // Shows something at once that the server has yet to say; the next change of it takes its place.
  show(message: Message): void {
    this.log.replace(message)
    this.changed()
  }

  applyLive(message: Message, changeSeq: number): void {
    this.noteReplies([message])
    const isComplete = this.log.applyLive(message, changeSeq)
    this.changed()
    if (!isComplete) void this.catchUp(changeSeq)
  }

  // Everything that has changed since, at least up to there; one at a time.
  catchUp(upTo = 0): Promise<void> {
    this.wantedChange = Math.max(this.wantedChange, upTo)
    this.catchingUp ??= this.fetchChanges()
      .catch(() => undefined) // the next hello, poll or word of its region asks again
      .finally(() => (this.catchingUp = null))
    return this.catchingUp
  }

  async refetch(id: string): Promise<void> {
    const answer = await this.api.get('/v1/messages/{id}', { path: { id } })
    this.show(answer.data)
  }

  // The first message of that time or later. It asks for single messages, each time where the times of those that are
  // known say that it should be.
  async seek(time: number): Promise<number> {
    let low = 1
    let high = this.log.lastSeq
    let lowTime: number | null = null
    let highTime: number | null = null
    for (let steps = 0; low < high && steps < seekStepsMax; steps += 1) {
      let middle = (low + high) >> 1
      if (lowTime !== null && highTime !== null && highTime > lowTime && steps % 3 !== 2) {
        const guess = low + Math.round(((time - lowTime) / (highTime - lowTime)) * (high - low))
        middle = Math.min(high - 1, Math.max(low, guess))
      }
      const at = await this.timeOf(middle)
      if (at >= time) {
        high = middle
        highTime = at
      } else {
        low = middle + 1
        lowTime = at
      }
    }
    return low
  }

  private async timeOf(seq: number): Promise<number> {
    const known = this.log.get(seq)
    if (known) return Date.parse(known.sent_at)
    const query = { after_seq: seq - 1, limit: 1 }
    const answer = await this.api.get('/v1/channels/{id}/messages', { path: { id: this.channelId }, query })
    return Date.parse(answer.data.items[0]?.sent_at ?? '9999-01-01')
  }

  private once(key: string, query: Query): Promise<void> {
    let load = this.loads.get(key)
    if (!load) {
      load = this.load(query)
        .catch((caught: unknown) => void (this.error = caught as Error))
        .finally(() => this.loads.delete(key))
      this.loads.set(key, load)
    }
    return load
  }

  private async load(query: Query): Promise<void> {
    const path = { id: this.channelId }
    const answer = await this.api.get('/v1/channels/{id}/messages', { path, query: { limit: pageSize, ...query } })
    const { items } = answer.data
    if (items.length > 0) {
      this.log.addPage(items, { from: items[0]!.seq, to: items.at(-1)!.seq })
    }
    this.error = null
    this.changed()
  }

  private async fetchChanges(): Promise<void> {
    for (let more = true; more; ) {
      const before = this.log.changeSeq
      const query = { after: before, limit: changesMax }
      const answer = await this.api.get('/v1/channels/{id}/changes', { path: { id: this.channelId }, query })
      this.noteReplies(answer.data.items)
      this.log.applyChanges(answer.data.items, answer.data.change_seq, answer.data.last_seq)
      // A frame may have told of more since this answer was made.
      more = answer.data.has_more || (this.log.changeSeq < this.wantedChange && this.log.changeSeq > before)
      this.changed()
    }
    if (this.error && !(this.error instanceof Refused && this.error.status < 500)) void this.open(this.anchor)
  }

  // A new reply has changed its root without a change of the root's own: that is asked for again, once for several.
  private noteReplies(messages: readonly Message[]): void {
    for (const { thread_root_id: rootId, id } of messages) {
      if (rootId === null || this.log.getById(id) || !this.log.getById(rootId) || this.answered.has(rootId)) continue
      this.answered.add(rootId)
      setTimeout(() => {
        this.answered.delete(rootId)
        this.refetch(rootId).catch(() => undefined)
      }, rootDelayMs)
    }
  }

  // Whether catching up would cost more than to begin anew.
  isFarBehind(changeSeq: number): boolean {
    return changeSeq - this.log.changeSeq > changesBehindMax
  }

  private changed(): void {
    this.version += 1
  }
}

interface Query {
  before_seq?: number
  after_seq?: number
  around_seq?: number
}

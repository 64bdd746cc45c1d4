// Messages that are on their way. What is in here survives a reload, a lost network and a region that is down: each goes
// out once (client_msg_id), and those of one channel in the order in which they were written.
import { Refused } from '../api/client.ts'
import type { Message } from '../api/types.ts'

export interface OutgoingMessage {
  client_msg_id: string
  profile_id: string // who wrote it: another profile's session must not send it
  channel_id: string
  text: string
  thread_root_id: string | null
  written_at: number // milliseconds since 1970
  order: number // ascending in the order of writing
  failure: string | null // why the server refused it for good; null while it waits or goes out
}

// Where they survive. Errors of it cost the survival, never the sending.
export interface OutboxStorage {
  all(): Promise<OutgoingMessage[]>
  put(message: OutgoingMessage): Promise<void>
  remove(clientMsgId: string): Promise<void>
}

export interface OutboxParts {
  storage: OutboxStorage
  profileId: string
  // Throws Refused or Unreachable.
  send(message: OutgoingMessage): Promise<Message>
  onSent(message: OutgoingMessage, made: Message): void
  onChange(): void
  now?(): number
  after?(ms: number, action: () => void): unknown
}

const pauseMinMs = 500
const pauseMaxMs = 15_000

export class Outbox {
  private messages: OutgoingMessage[] = []
  private readonly sending = new Set<string>() // channels with a request at hand
  private readonly pauses = new Map<string, number>() // by channel, the next one in milliseconds
  private readonly waiting = new Set<string>() // channels that wait for the end of a pause
  private lastOrder = 0

  constructor(private readonly parts: OutboxParts) {}

  // Those of an earlier page go out first.
  async restore(): Promise<void> {
    const kept = await this.parts.storage.all().catch(() => [])
    const known = new Set(this.messages.map((each) => each.client_msg_id))
    const own = kept.filter((each) => each.profile_id === this.parts.profileId && !known.has(each.client_msg_id))
    this.messages = [...own, ...this.messages].sort((left, right) => left.order - right.order)
    this.lastOrder = Math.max(this.lastOrder, ...this.messages.map((each) => each.order))
    this.parts.onChange()
    this.flush()
  }

  // Of one channel, in order.
  of(channelId: string): OutgoingMessage[] {
    return this.messages.filter((each) => each.channel_id === channelId)
  }

  get size(): number {
    return this.messages.length
  }

  isSending(message: OutgoingMessage): boolean {
    return this.sending.has(message.channel_id) && this.headOf(message.channel_id) === message
  }

  add(channelId: string, text: string, threadRootId: string | null = null): OutgoingMessage {
    const now = (this.parts.now ?? Date.now)()
    this.lastOrder = Math.max(now, this.lastOrder + 1)
    const message: OutgoingMessage = {
      client_msg_id: crypto.randomUUID(),
      profile_id: this.parts.profileId,
      channel_id: channelId,
      text,
      thread_root_id: threadRootId,
      written_at: now,
      order: this.lastOrder,
      failure: null,
    }
    this.messages.push(message)
    // The next page knows it before the server does: a reload in between sends it again, and the server knows it again.
    void this.parts.storage.put(message).catch(() => undefined).then(() => this.flushChannel(channelId))
    this.parts.onChange()
    return message
  }

  retry(clientMsgId: string): void {
    const message = this.messages.find((each) => each.client_msg_id === clientMsgId)
    if (!message) return
    message.failure = null
    void this.parts.storage.put(message).catch(() => undefined)
    this.parts.onChange()
    this.flushChannel(message.channel_id)
  }

  discard(clientMsgId: string): void {
    this.forget(clientMsgId)
    this.parts.onChange()
  }

  // The network is back, or a server is: whoever waits goes at once.
  flush(): void {
    this.pauses.clear()
    for (const channelId of new Set(this.messages.map((each) => each.channel_id))) this.flushChannel(channelId)
  }

  private headOf(channelId: string): OutgoingMessage | undefined {
    return this.messages.find((each) => each.channel_id === channelId && each.failure === null)
  }

  private flushChannel(channelId: string): void {
    const head = this.headOf(channelId)
    if (!head || this.sending.has(channelId)) return
    this.sending.add(channelId)
    this.parts.onChange()
    void this.deliver(head)
  }

  private async deliver(message: OutgoingMessage): Promise<void> {
    const channelId = message.channel_id
    let pause = 0
    try {
      const made = await this.parts.send(message)
      this.forget(message.client_msg_id)
      this.pauses.delete(channelId)
      this.parts.onSent(message, made)
    } catch (caught) {
      if (caught instanceof Refused && !caught.isPassing && caught.status !== 401) {
        message.failure = caught.remedy === '' ? caught.detail : `${caught.detail}. ${caught.remedy}`
        void this.parts.storage.put(message).catch(() => undefined)
      } else {
        const told = caught instanceof Refused && caught.retryAfterS ? caught.retryAfterS * 1000 : 0
        pause = Math.max(told, this.pauses.get(channelId) ?? pauseMinMs)
        this.pauses.set(channelId, Math.min(pauseMaxMs, pause * 2))
      }
    }
    this.sending.delete(channelId)
    this.parts.onChange()
    if (pause === 0) {
      this.flushChannel(channelId)
    } else if (!this.waiting.has(channelId)) {
      this.waiting.add(channelId)
      const after = this.parts.after ?? ((ms: number, action: () => void) => setTimeout(action, ms))
      after(pause * (0.8 + Math.random() * 0.4), () => {
        this.waiting.delete(channelId)
        this.flushChannel(channelId)
      })
    }
  }

  private forget(clientMsgId: string): void {
    this.messages = this.messages.filter((each) => each.client_msg_id !== clientMsgId)
    void this.parts.storage.remove(clientMsgId).catch(() => undefined)
  }
}

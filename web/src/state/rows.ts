// What a timeline shows, as a list of rows: pure, so that it can be tested.
import type { Message } from '../api/types.ts'
import type { OutgoingMessage } from './outbox.ts'

export type Row =
  | { kind: 'start'; key: 'start' } // of the channel
  | { kind: 'loading'; key: 'older' | 'newer' }
  | { kind: 'day'; key: string; at: number }
  | { kind: 'unread'; key: 'unread' }
  | { kind: 'message'; key: string; message: Message; isFirst: boolean } // isFirst: name and picture above it
  | { kind: 'thread'; key: string; rootId: string; replies: Message[] } // replies in a row, told in one line
  | { kind: 'outgoing'; key: string; outgoing: OutgoingMessage; isFirst: boolean }

export interface RowFacts {
  messages: readonly Message[] // a stretch without a gap, ascending
  outgoing: readonly OutgoingMessage[]
  isStart: boolean // nothing is older
  isEnd: boolean // nothing is newer
  unreadAfter: number | null // the divider's place; null for none
  ownId: string
}

const togetherMs = 5 * 60_000 // messages of one person in that time share a name

export function rowsOf(facts: RowFacts): Row[] {
  const rows: Row[] = [facts.isStart ? { kind: 'start', key: 'start' } : { kind: 'loading', key: 'older' }]
  let day = ''
  let last: { senderId: string; at: number } | null = null
  let hasDivider = false
  for (const message of facts.messages) {
    const at = Date.parse(message.sent_at)
    const thisDay = dayOf(at)
    if (thisDay !== day) {
      rows.push({ kind: 'day', key: `day-${thisDay}`, at })
      day = thisDay
      last = null
    }
    if (!hasDivider && facts.unreadAfter !== null && message.seq > facts.unreadAfter && message.sender_id !== facts.ownId) {
      rows.push({ kind: 'unread', key: 'unread' })
      hasDivider = true
      last = null
    }
    if (message.thread_root_id !== null) {
      addReply(rows, message)
      last = null
      continue
    }
    const isFirst = last === null || last.senderId !== message.sender_id || at - last.at > togetherMs
    rows.push({ kind: 'message', key: keyOf(message), message, isFirst })
    last = { senderId: message.sender_id, at }
  }
  if (!facts.isEnd) {
    rows.push({ kind: 'loading', key: 'newer' })
    return rows
  }
  const made = new Set(facts.messages.map((each) => each.client_msg_id))
  for (const outgoing of facts.outgoing) {
    if (outgoing.thread_root_id !== null || made.has(outgoing.client_msg_id)) continue
    const isFirst = last === null || last.senderId !== facts.ownId || outgoing.written_at - last.at > togetherMs
    rows.push({ kind: 'outgoing', key: outgoing.client_msg_id, outgoing, isFirst })
    last = { senderId: facts.ownId, at: outgoing.written_at }
  }
  return rows
}

// What was sent keeps its row when the server has made it: nothing flickers.
function keyOf(message: Message): string {
  return message.client_msg_id ?? message.id
}

function addReply(rows: Row[], reply: Message): void {
  const before = rows.at(-1)
  if (before?.kind === 'thread' && before.rootId === reply.thread_root_id) {
    before.replies.push(reply)
  } else {
    rows.push({ kind: 'thread', key: `thread-${reply.id}`, rootId: reply.thread_root_id!, replies: [reply] })
  }
}

export function dayOf(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`
}

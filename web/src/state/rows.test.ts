import { describe, expect, it } from 'vitest'
import { makeMessage } from './fixtures.ts'
import type { OutgoingMessage } from './outbox.ts'
import { rowsOf, type RowFacts } from './rows.ts'

const facts = (given: Partial<RowFacts>): RowFacts => ({
  messages: [],
  outgoing: [],
  isStart: true,
  isEnd: true,
  unreadAfter: null,
  ownId: '5',
  ...given,
})
const at = (minute: number, day = 23) => new Date(2026, 10, day, 8, minute).toISOString()
const outgoing = (id: string, given: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  client_msg_id: id,
  profile_id: '5',
  channel_id: '8',
  text: id,
  thread_root_id: null,
  written_at: Date.parse(at(30)),
  order: 1,
  failure: null,
  ...given,
})
const kinds = (given: Partial<RowFacts>) => rowsOf(facts(given)).map((row) => row.kind)

describe('rowsOf', () => {
  it('puts days between, and names above the first of a person', () => {
    const rows = rowsOf(
      facts({
        messages: [
          makeMessage({ seq: 1, sent_at: at(0) }),
          makeMessage({ seq: 2, sent_at: at(1) }),
          makeMessage({ seq: 3, sent_at: at(20) }),
          makeMessage({ seq: 4, sent_at: at(21), sender_id: '1' }),
          makeMessage({ seq: 5, sent_at: at(21, 24), sender_id: '1' }),
        ],
      }),
    )
    expect(rows.map((row) => row.kind)).toEqual(['start', 'day', 'message', 'message', 'message', 'message', 'day', 'message'])
    expect(rows.flatMap((row) => (row.kind === 'message' ? [row.isFirst] : []))).toEqual([true, false, true, true, true])
  })

  it('has one divider, before the first unread message of somebody else', () => {
    const messages = [
      makeMessage({ seq: 1, sent_at: at(0) }),
      makeMessage({ seq: 2, sent_at: at(0), sender_id: '5' }),
      makeMessage({ seq: 3, sent_at: at(0) }),
      makeMessage({ seq: 4, sent_at: at(0) }),
    ]
    expect(kinds({ messages, unreadAfter: 1 })).toEqual(['start', 'day', 'message', 'message', 'unread', 'message', 'message'])
    expect(kinds({ messages, unreadAfter: 4 })).not.toContain('unread')
    expect(kinds({ messages, unreadAfter: null })).not.toContain('unread')
  })

  it('tells replies in one line for each run', () => {
    const messages = [
      makeMessage({ seq: 1, sent_at: at(0) }),
      makeMessage({ seq: 2, sent_at: at(1), thread_root_id: '1001' }),
      makeMessage({ seq: 3, sent_at: at(1), thread_root_id: '1001' }),
      makeMessage({ seq: 4, sent_at: at(1) }),
      makeMessage({ seq: 5, sent_at: at(1), thread_root_id: '1001' }),
    ]
    expect(kinds({ messages })).toEqual(['start', 'day', 'message', 'thread', 'message', 'thread'])
  })

  it('shows what is on its way at the end, once, under the key that it will keep', () => {
    const made = makeMessage({ seq: 1, sent_at: at(0), client_msg_id: 'a', sender_id: '5' })
    const before = rowsOf(facts({ outgoing: [outgoing('a'), outgoing('b')] }))
    const after = rowsOf(facts({ messages: [made], outgoing: [outgoing('a'), outgoing('b')] }))
    expect(before.map((row) => row.key)).toEqual(['start', 'a', 'b'])
    expect(after.map((row) => row.key)).toEqual(['start', 'day-2026-11-23', 'a', 'b'])
    expect(kinds({ outgoing: [outgoing('a')], isEnd: false })).toEqual(['start', 'loading'])
    expect(kinds({ outgoing: [outgoing('a', { thread_root_id: '1' })] })).toEqual(['start'])
  })
})

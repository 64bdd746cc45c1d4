// For tests: messages that differ in what the test is about.
import type { Message } from '../api/types.ts'

export function makeMessage(given: Partial<Message> & { seq: number }): Message {
  return {
    id: String(1000 + given.seq),
    channel_id: '8',
    sender_id: '9',
    change_seq: given.seq,
    text: `message ${given.seq}`,
    sent_at: new Date(Date.UTC(2026, 10, 23, 8, given.seq % 60)).toISOString(),
    edited_at: null,
    deleted_at: null,
    thread_root_id: null,
    client_msg_id: null,
    reply_count: 0,
    reactions: [],
    mentions: { profile_ids: [], channel: false, here: false },
    region: 'asia',
    permalink: '',
    ...given,
  }
}

// Reminders: one cluster takes the writes, replicas near the readers answer the reads and say how old their answer is.
import type { Answer, Api } from './client.ts'

export interface Reminder {
  id: string
  message_id: string | null
  message_channel_id?: string | null
  text: string
  notify_at: string
  state: 'scheduled' | 'due' | 'completed' | 'deleted'
  recurrence: string | null
  is_late?: boolean
}

export interface NewReminder {
  message_id?: string
  text?: string
  at?: string
  when?: string // as people say it: "tomorrow at 9am"
  time_zone?: string
}

interface Page {
  items: Reminder[]
  next_cursor: string | null
}

export function listReminders(api: Api, state?: 'scheduled' | 'due'): Promise<Answer<Page>> {
  return api.call<Page>('GET', '/v1/reminders', { query: { limit: 100, state } as never })
}

export async function createReminder(api: Api, reminder: NewReminder): Promise<Reminder> {
  const ask = { body: reminder as never, idempotencyKey: crypto.randomUUID() }
  return (await api.call<Reminder>('POST', '/v1/reminders', ask)).data
}

export async function completeReminder(api: Api, id: string): Promise<void> {
  await api.call('POST', '/v1/reminders/{id}/complete', { path: { id } as never })
}

export async function snoozeReminder(api: Api, id: string, minutes: number): Promise<Reminder> {
  const ask = { path: { id } as never, body: { for: `${minutes}m` } as never }
  return (await api.call<Reminder>('POST', '/v1/reminders/{id}/snooze', ask)).data
}

export async function removeReminder(api: Api, id: string): Promise<void> {
  await api.call('DELETE', '/v1/reminders/{id}', { path: { id } as never })
}

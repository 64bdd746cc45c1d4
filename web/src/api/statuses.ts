// Status: what people are up to. Tier 3, on clusters of its own: whoever calls these goes on without them.
import type { Api } from './client.ts'

export const statusWords = ['Active', 'Busy', 'In a Meeting', 'Vacationing', 'Out Sick'] as const
export type StatusWord = (typeof statusWords)[number]

export interface Status {
  profile_id: string
  status: StatusWord | null
  text: string
  emoji: string
  set_at: string | null // null: never
  expires_at: string | null
}

export interface NewStatus {
  status: StatusWord | null
  text: string
  emoji: string
  expires_at?: string
}

export async function listStatuses(api: Api, profileIds: readonly string[]): Promise<Status[]> {
  const query = { profile_ids: profileIds.join(',') }
  return (await api.call<{ items: Status[] }>('GET', '/v1/statuses', { query: query as never })).data.items
}

export async function setStatus(api: Api, profileId: string, status: NewStatus): Promise<Status> {
  const ask = { path: { id: profileId } as never, body: status as never }
  return (await api.call<Status>('PUT', '/v1/profiles/{id}/status', ask)).data
}

export async function clearStatus(api: Api, profileId: string): Promise<void> {
  await api.call('DELETE', '/v1/profiles/{id}/status', { path: { id: profileId } as never })
}

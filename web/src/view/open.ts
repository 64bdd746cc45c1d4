// Ways to a place: a message by its id, a person's direct channel.
import type { Messenger } from '../state/messenger.svelte.ts'
import { router } from './routes.svelte.ts'

export async function openMessage(messenger: Messenger, id: string): Promise<void> {
  const message = (await messenger.api.get('/v1/messages/{id}', { path: { id } })).data
  router.go(`/c/${message.channel_id}/${message.seq}`)
}

// The one that is there, or a new one.
export async function openDirect(messenger: Messenger, workspaceId: string, profileIds: string[]): Promise<void> {
  const body = { profile_ids: profileIds }
  const { data } = await messenger.api.post('/v1/workspaces/{id}/channels', { path: { id: workspaceId }, body })
  messenger.keepChannel(data)
  router.go(`/c/${data.id}`)
}

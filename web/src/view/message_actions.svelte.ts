// What one does with a message: shown at once, taken back when the server does not agree.
import { SvelteSet } from 'svelte/reactivity'
import type { Message } from '../api/types.ts'
import type { Messenger } from '../state/messenger.svelte.ts'
import type { Timeline } from '../state/timeline.svelte.ts'
import { app } from './app.svelte.ts'
import { t } from './i18n.svelte.ts'

const undoMs = 6_000

export async function react(messenger: Messenger, timeline: Timeline, message: Message, emoji: string): Promise<void> {
  const mine = messenger.me.id
  const isThere = message.reactions.some((each) => each.emoji === emoji && each.profile_ids.includes(mine))
  timeline.show(isThere ? without(message, emoji, mine) : withReaction(message, emoji, mine))
  const path = { id: message.id, emoji }
  try {
    if (isThere) await messenger.api.delete('/v1/messages/{id}/reactions/{emoji}', { path })
    else await messenger.api.put('/v1/messages/{id}/reactions/{emoji}', { path })
    await timeline.refetch(message.id)
  } catch (caught) {
    timeline.show(message)
    app.complain(caught)
  }
}

function withReaction(message: Message, emoji: string, id: string): Message {
  const known = message.reactions.find((each) => each.emoji === emoji)
  const added = { emoji, count: (known?.count ?? 0) + 1, profile_ids: [...(known?.profile_ids ?? []), id] }
  const reactions = known ? message.reactions.map((each) => (each === known ? added : each)) : [...message.reactions, added]
  return { ...message, reactions }
}

function without(message: Message, emoji: string, id: string): Message {
  const reactions = message.reactions
    .map((each) => (each.emoji === emoji ? { ...each, count: each.count - 1, profile_ids: each.profile_ids.filter((one) => one !== id) } : each))
    .filter((each) => each.count > 0)
  return { ...message, reactions }
}

export async function copyLink(message: Message): Promise<void> {
  await navigator.clipboard.writeText(`${location.origin}/c/${message.channel_id}/${message.seq}`).catch(() => undefined)
  app.say(t('message.link.copied'))
}

export function unread(messenger: Messenger, message: Message): void {
  messenger.markRead(message.channel_id, message.seq - 1, true)
}

// Deleting can be undone until it is told to the server, some seconds later, or when the page goes away.
class RemoveSoon {
  private readonly pending = new SvelteSet<string>()
  private readonly now = new Map<string, () => void>()

  constructor() {
    addEventListener('pagehide', () => this.now.forEach((remove) => remove()))
  }

  isPending(id: string): boolean {
    return this.pending.has(id)
  }

  start(messenger: Messenger, timeline: Timeline, message: Message): void {
    this.pending.add(message.id)
    const remove = () => {
      clearTimeout(timer)
      this.now.delete(message.id)
      void messenger.api
        .delete('/v1/messages/{id}', { path: { id: message.id } })
        .then(() => timeline.refetch(message.id))
        .catch((caught) => app.complain(caught))
        .finally(() => this.pending.delete(message.id))
    }
    const timer = setTimeout(remove, undoMs)
    this.now.set(message.id, remove)
    const hide = app.say(t('message.deleted'), 'plain', {
      label: t('undo'),
      run: () => {
        if (this.now.delete(message.id)) {
          clearTimeout(timer)
          this.pending.delete(message.id)
        }
        hide()
      },
    })
  }
}

export const removeSoon = new RemoveSoon()

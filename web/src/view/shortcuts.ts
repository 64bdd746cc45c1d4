// The keys that work everywhere. What a text field makes of a key stays with it.
import type { Messenger } from '../state/messenger.svelte.ts'
import { app } from './app.svelte.ts'
import { router } from './routes.svelte.ts'

export const shortcutKeys = [
  { keys: ['Ctrl', 'K'], word: 'keys.switcher' },
  { keys: ['Alt', '↑ ↓'], word: 'keys.channels' },
  { keys: ['Alt', 'Shift', '↑ ↓'], word: 'keys.unread' },
  { keys: ['Enter'], word: 'keys.send' },
  { keys: ['Shift', 'Enter'], word: 'keys.line' },
  { keys: ['↑'], word: 'keys.edit' },
  { keys: ['Esc'], word: 'keys.read' },
  { keys: ['Ctrl', 'B'], word: 'keys.bold' },
  { keys: ['Ctrl', 'I'], word: 'keys.italic' },
  { keys: ['?'], word: 'keys.sheet' },
] as const

export function onShortcut(event: KeyboardEvent, messenger: Messenger): void {
  if (event.defaultPrevented || event.isComposing) return
  const target = event.target as HTMLElement
  const isTyping = target.matches('input, textarea, select, [contenteditable]')
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault()
    app.dialog = app.dialog?.kind === 'switcher' ? null : { kind: 'switcher' }
  } else if (app.dialog) {
    return
  } else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    event.preventDefault()
    step(messenger, event.key === 'ArrowDown' ? 1 : -1, event.shiftKey)
  } else if (event.key === 'Escape') {
    if (document.querySelector('[popover]:popover-open:not([role=status])')) return // the browser closes that
    escape(messenger, isTyping)
  } else if (event.key === '?' && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault()
    app.dialog = { kind: 'shortcuts' }
  }
}

// First what is open is closed; then the channel is read.
function escape(messenger: Messenger, isTyping: boolean): void {
  if (app.isSidebarOpen) app.isSidebarOpen = false
  else if (app.panel && !isTyping) app.panel = null
  else if (router.route.page === 'channel') {
    const channel = messenger.channels.get(router.route.id)
    if (channel) messenger.markRead(channel.id, channel.last_seq)
    dispatchEvent(new CustomEvent('meridian-read'))
  }
}

function step(messenger: Messenger, by: number, onlyUnread: boolean): void {
  const here = router.route.page === 'channel' ? messenger.channels.get(router.route.id) : undefined
  const { open, direct } = messenger.channelsOf(here?.workspace_id ?? messenger.workspaces[0]?.id ?? '')
  const all = [...open, ...direct]
  const from = all.findIndex((each) => each.id === here?.id)
  for (let count = 1; count <= all.length; count += 1) {
    const next = all[(from + by * count + all.length * count) % all.length]
    if (next && (!onlyUnread || next.unread_count > 0)) return router.go(`/c/${next.id}`)
  }
}

// What the system shows while nobody looks at the page.
import type { Reminder } from '../api/reminders.ts'
import type { Channel, Message } from '../api/types.ts'
import { plainText } from '../state/markup.ts'
import type { Messenger } from '../state/messenger.svelte.ts'
import { t } from './i18n.svelte.ts'
import { router } from './routes.svelte.ts'

const bodyMax = 160

export function notify(messenger: Messenger, message: Message, channel: Channel, callsMe: boolean, isWanted: boolean): void {
  if (!isWanted || !callsMe || (document.visibilityState === 'visible' && document.hasFocus())) return
  const name = messenger.people.nameOf(message.sender_id)
  const title = channel.is_direct ? name : t('notify.in', { name, channel: channel.name })
  const body = plainText(message.text, (id) => messenger.people.nameOf(id)).slice(0, bodyMax)
  show(title, body, message.id, `/c/${channel.id}/${message.seq}`)
}

export function notifyDue(reminder: Reminder, isWanted: boolean): void {
  if (isWanted) show(t('reminder.due'), reminder.text, `reminder-${reminder.id}`, '/')
}

function show(title: string, body: string, tag: string, path: string): void {
  const shown = new Notification(title, { body, tag, icon: '/icon-192.png' })
  shown.onclick = () => {
    window.focus()
    router.go(path)
    shown.close()
  }
}

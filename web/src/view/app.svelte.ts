// What all of the view shares: who is signed in, what is open, what is to be said.
import { Api, Refused, Unreachable } from '../api/client.ts'
import { Messenger } from '../state/messenger.svelte.ts'
import { IndexedOutbox } from '../state/outbox_storage.ts'
import { t } from './i18n.svelte.ts'
import { router } from './routes.svelte.ts'

export type Panel =
  | { kind: 'thread'; rootId: string }
  | { kind: 'members' }
  | { kind: 'profile'; id: string }
  | { kind: 'reminders' }

export type DialogName =
  | { kind: 'switcher' }
  | { kind: 'shortcuts' }
  | { kind: 'status' }
  | { kind: 'new-channel' }
  | { kind: 'browse' }
  | { kind: 'channel'; id: string }
  | { kind: 'invite' }
  | { kind: 'remind'; messageId: string | null; about: string }

export interface Toast {
  id: number
  text: string
  kind: 'plain' | 'bad'
  action?: { label: string; run: () => void }
}

const toastMs = 6_000
const startAgainMs = 3_000
const themeKey = 'meridian.theme'

class App {
  readonly api = new Api()
  messenger = $state.raw<Messenger | null>(null)
  isStarting = $state(true)
  // No answer to the first question: who is signed in?
  startError = $state.raw<Error | null>(null)
  waitingCount = $state(0) // messages of an earlier page that are not sent yet; counted while it does not start
  panel = $state.raw<Panel | null>(null)
  dialog = $state.raw<DialogName | null>(null)
  isSidebarOpen = $state(false) // where it does not fit beside the rest
  toasts = $state.raw<Toast[]>([])
  theme = $state<'system' | 'light' | 'dark'>('system')
  notifies = $state(false)
  tourStep = $state<number | null>(null)
  private lastToast = 0
  private startingAgain: ReturnType<typeof setTimeout> | undefined

  constructor() {
    this.api.onSignedOut = () => this.leave()
    const theme = localStorage.getItem(themeKey)
    if (theme === 'light' || theme === 'dark') this.setTheme(theme)
    this.notifies = localStorage.getItem('meridian.notify') === 'yes' && globalThis.Notification?.permission === 'granted'
  }

  async start(): Promise<void> {
    clearTimeout(this.startingAgain)
    this.isStarting = true
    try {
      const me = (await this.api.get('/v1/profiles/me')).data
      this.startError = null
      this.enter(new Messenger(this.api, me))
    } catch (caught) {
      const isSignedOut = caught instanceof Refused && caught.status === 401
      this.startError = isSignedOut ? null : (caught as Error)
      if (isSignedOut) this.leave()
      else await this.waitToStart()
    }
    this.isStarting = false
  }

  // A region that is down comes back: nobody has to press a button for it.
  private async waitToStart(): Promise<void> {
    this.startingAgain = setTimeout(() => void this.start(), startAgainMs)
    this.waitingCount = (await new IndexedOutbox().all().catch(() => [])).length
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.api.post('/v1/sessions', { body: { email, password } })
    await this.start()
    if (router.route.page === 'sign-in') router.go('/', 'replace')
  }

  async becomeProfile(profileId: string): Promise<void> {
    await this.api.post('/v1/sessions', { body: { profile_id: profileId } })
    this.messenger?.stop()
    this.messenger = null
    router.go('/')
    await this.start()
  }

  async signOut(): Promise<void> {
    await this.api.delete('/v1/sessions/current').catch(() => undefined)
    this.leave()
  }

  setTheme(theme: 'system' | 'light' | 'dark'): void {
    this.theme = theme
    if (theme === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme
    localStorage.setItem(themeKey, theme)
  }

  async toggleNotifications(): Promise<void> {
    const permission = this.notifies ? 'denied' : await globalThis.Notification?.requestPermission()
    this.notifies = permission === 'granted'
    localStorage.setItem('meridian.notify', this.notifies ? 'yes' : 'no')
    if (!this.notifies && permission !== 'denied') this.say(t('notify.refused'), 'bad')
  }

  say(text: string, kind: Toast['kind'] = 'plain', action?: Toast['action'], ms = toastMs): () => void {
    const id = (this.lastToast += 1)
    this.toasts = [...this.toasts.slice(-3), { id, text, kind, ...(action ? { action } : {}) }]
    const end = () => (this.toasts = this.toasts.filter((each) => each.id !== id))
    setTimeout(end, ms)
    return end
  }

  // What a person can do about it, in his language.
  explain(caught: unknown): string {
    if (caught instanceof Refused) return [caught.detail, caught.remedy].filter(Boolean).join('. ')
    if (caught instanceof Unreachable) return t('error.unreachable')
    return caught instanceof Error ? caught.message : String(caught)
  }

  complain(caught: unknown): void {
    this.say(this.explain(caught), 'bad')
  }

  togglePanel(panel: Panel): void {
    this.panel = this.panel?.kind === panel.kind && panel.kind !== 'thread' && panel.kind !== 'profile' ? null : panel
  }

  private enter(messenger: Messenger): void {
    this.messenger?.stop()
    this.messenger = messenger
    messenger.onMessage = (message, channel, callsMe) => {
      void import('./notifications.ts').then(({ notify }) => notify(messenger, message, channel, callsMe, this.notifies))
    }
    messenger.reminders.onDue = (reminder) => {
      void import('./notifications.ts').then(({ notifyDue }) => notifyDue(reminder, this.notifies))
    }
    void messenger.start()
  }

  private leave(): void {
    this.messenger?.stop()
    this.messenger = null
    this.panel = null
    this.dialog = null
  }
}

export const app = new App()

// The words of the interface, in the reader's language. A translation is one file in messages/ with the same keys:
// a key that is missing does not compile.
import { en, type Messages } from './messages/en.ts'

export type MessageKey = keyof Messages
type Values = Record<string, string | number>

export const languages = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof languages

const storageKey = 'meridian.language'

class Words {
  language = $state<Language>('en')
  private messages = $state.raw<Messages>(en)
  private plurals = new Intl.PluralRules('en')

  async choose(language: Language): Promise<void> {
    this.messages = language === 'de' ? (await import('./messages/de.ts')).de : en
    this.plurals = new Intl.PluralRules(language)
    this.language = language
    document.documentElement.lang = language
    localStorage.setItem(storageKey, language)
  }

  async start(): Promise<void> {
    const wanted = localStorage.getItem(storageKey) ?? navigator.language.slice(0, 2)
    if (wanted === 'de') await this.choose('de').catch(() => undefined)
  }

  say(key: MessageKey, values: Values = {}): string {
    return this.messages[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
  }

  // "1 reply|{n} replies": the forms of the language's plural rules, one and other, apart by "|".
  count(key: MessageKey, n: number, values: Values = {}): string {
    const forms = this.messages[key].split('|')
    const form = this.plurals.select(n) === 'one' ? forms[0]! : forms.at(-1)!
    return form.replace(/\{(\w+)\}/g, (whole, name: string) => (name === 'n' ? String(n) : String(values[name] ?? whole)))
  }
}

export const words = new Words()
export const t = (key: MessageKey, values?: Values): string => words.say(key, values)
export const tn = (key: MessageKey, n: number, values?: Values): string => words.count(key, n, values)

// Dates and times as the reader's language writes them.
const formats = new Map<string, Intl.DateTimeFormat>()
function format(name: string, options: Intl.DateTimeFormatOptions, at: number): string {
  const key = `${words.language} ${name}`
  let found = formats.get(key)
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(words.language === 'en' ? undefined : words.language, options)))
  return found.format(at)
}

export const timeText = (at: number): string => format('time', { hour: '2-digit', minute: '2-digit' }, at)
export const secondText = (at: number): string => format('second', { hour: '2-digit', minute: '2-digit', second: '2-digit' }, at)
// Where there is no room for more: without "AM" and "PM".
export const clockText = (at: number): string => timeText(at).replace(/\s?[AP]M$/i, '')
export const momentText = (at: number): string => format('moment', { dateStyle: 'medium', timeStyle: 'short' }, at)

export function dayText(at: number, now = Date.now()): string {
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000)
  if (days === 0) return t('day.today')
  if (days === 1) return t('day.yesterday')
  if (days === -1) return t('day.tomorrow')
  const thisYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return thisYear
    ? format('day', { weekday: 'long', day: 'numeric', month: 'long' }, at)
    : format('date', { day: 'numeric', month: 'long', year: 'numeric' }, at)
}

// "today at 17:30", "Friday 27 November at 09:00"
export const whenText = (at: number): string => t('day.at', { day: dayText(at), time: timeText(at) })

// Emoji by name. The list is a file of its own, fetched when somebody first looks for one.
import { fit } from '../state/complete.ts'

export interface Emoji {
  unicode: string
  label: string
  tags: string[]
  group: number
}

interface Compact {
  unicode: string
  label: string
  tags?: string[]
  group?: number
}

let loading: Promise<Emoji[]> | null = null

export function loadEmoji(): Promise<Emoji[]> {
  loading ??= import('emojibase-data/en/compact.json').then(({ default: list }) =>
    (list as Compact[])
      .filter((each) => each.group !== undefined && each.group !== 2) // 2: parts of others
      .map(({ unicode, label, tags = [], group = 0 }) => ({ unicode, label, tags, group })),
  )
  return loading
}

export function searchEmoji(all: readonly Emoji[], query: string, count: number): Emoji[] {
  const wanted = query.replace(/_/g, ' ')
  return all
    .map((emoji) => ({ emoji, score: Math.max(fit(emoji.label, wanted), ...emoji.tags.map((tag) => fit(tag, wanted) - 5)) }))
    .filter((each) => each.score > 20)
    .sort((left, right) => right.score - left.score)
    .slice(0, count)
    .map((each) => each.emoji)
}

const recentKey = 'meridian.emoji'
const recentMax = 16
const usual = ['👍', '❤️', '😂', '🎉', '👀', '✅', '🙏', '🚀']

export function recentEmoji(): string[] {
  try {
    const kept = JSON.parse(localStorage.getItem(recentKey) ?? '[]') as string[]
    return [...new Set([...kept, ...usual])].slice(0, recentMax)
  } catch {
    return usual
  }
}

export function rememberEmoji(emoji: string): void {
  localStorage.setItem(recentKey, JSON.stringify([...new Set([emoji, ...recentEmoji()])].slice(0, recentMax)))
}

// What a writer means by the letters before the caret, and how people found by it go into the text and come out of it.

export interface Trigger {
  kind: 'person' | 'emoji'
  query: string
  from: number // of the sign itself, in the text
}

// "@ve" or ":smi" right before the caret, at the beginning of a word.
export function triggerAt(text: string, caret: number): Trigger | null {
  const found = /(?:^|[\s(])([@:])([\p{L}\p{N}_+-]{0,30})$/u.exec(text.slice(0, caret))
  if (!found) return null
  const kind = found[1] === '@' ? 'person' : 'emoji'
  if (kind === 'emoji' && found[2]!.length < 2) return null
  return { kind, query: found[2]!, from: caret - found[2]!.length - 1 }
}

// How well a name fits what was typed: higher is better, 0 not at all. A beginning beats a word's beginning beats
// letters in between.
export function fit(name: string, query: string): number {
  if (query === '') return 1
  const plain = fold(name)
  const wanted = fold(query)
  if (plain.startsWith(wanted)) return 100 - Math.min(50, plain.length - wanted.length)
  if (plain.split(/[\s_.-]+/).some((word) => word.startsWith(wanted))) return 45
  if (plain.includes(wanted)) return 30
  let at = -1
  for (const letter of wanted) {
    at = plain.indexOf(letter, at + 1)
    if (at < 0) return 0
  }
  return 10
}

export function best<T>(items: readonly T[], nameOf: (item: T) => string, query: string, count: number): T[] {
  return items
    .map((item) => ({ item, score: fit(nameOf(item), query) }))
    .filter((each) => each.score > 0)
    .sort((left, right) => right.score - left.score || nameOf(left.item).localeCompare(nameOf(right.item)))
    .slice(0, count)
    .map((each) => each.item)
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}

// Writers see names; messages carry ids. `called` holds who was chosen from the list: two people of one name stay apart
// as long as one of them is called, and what was merely typed calls nobody.
export function toMessage(text: string, called: ReadonlyMap<string, string>): string {
  const names = [...called.keys()].sort((left, right) => right.length - left.length)
  let out = ''
  for (let at = 0; at < text.length; ) {
    const isWord = at > 0 && /[\p{L}\p{N}_]/u.test(text[at - 1]!)
    const name = text[at] === '@' && !isWord ? names.find((each) => text.startsWith(`@${each}`, at)) : undefined
    out += name === undefined ? text[at] : `<@${called.get(name)}>`
    at += name === undefined ? 1 : name.length + 1
  }
  return out.trim()
}

export function fromMessage(text: string, nameOf: (id: string) => string): { text: string; called: Map<string, string> } {
  const called = new Map<string, string>()
  const shown = text.replace(/<@(\d{1,19})>/g, (whole, id: string) => {
    const name = nameOf(id)
    if (name === '…' || (called.has(name) && called.get(name) !== id)) return whole
    called.set(name, id)
    return `@${name}`
  })
  return { text: shown, called }
}

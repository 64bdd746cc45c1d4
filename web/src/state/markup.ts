// A message's Markdown as a tree of plain values, which view/Markup.svelte turns into elements. No HTML is ever made of
// a text, so nothing that somebody writes can become markup: "<script>" is nine letters.
import { Marked, type Token, type Tokens } from 'marked'

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong' | 'emphasis' | 'struck'; inside: Inline[] }
  | { kind: 'link'; href: string; inside: Inline[] }
  | { kind: 'mention'; profileId: string }
  | { kind: 'everybody'; text: string } // @channel, @here
  | { kind: 'break' }

export type Block =
  | { kind: 'paragraph'; inside: Inline[] }
  | { kind: 'heading'; inside: Inline[] }
  | { kind: 'code'; text: string; language: string }
  | { kind: 'quote'; inside: Block[] }
  | { kind: 'list'; isOrdered: boolean; start: number; items: { inside: Block[]; isDone: boolean | null }[] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { kind: 'rule' }

interface MentionToken extends Tokens.Generic {
  type: 'mention'
  raw: string
  name: string
}

// As the server reads them: "<@9>", "@channel", "@here".
const parser = new Marked({
  gfm: true,
  breaks: true,
  extensions: [
    {
      name: 'mention',
      level: 'inline',
      start: (source) => {
        const at = source.search(/<@\d|(?<![\w@])@(?:channel|here)\b/)
        return at < 0 ? undefined : at
      },
      tokenizer(source) {
        const found = /^(?:<@(\d{1,19})>|@(channel|here)\b)/.exec(source)
        return found ? ({ type: 'mention', raw: found[0], name: found[1] ?? found[2]! } satisfies MentionToken) : undefined
      },
    },
  ],
})

// Deeper nesting than any person writes; an attacker's ends as text.
const depthMax = 12
const cacheMax = 600
const cache = new Map<string, Block[]>()

export function parseMarkup(text: string): Block[] {
  const known = cache.get(text)
  if (known) return known
  let blocks: Block[]
  try {
    blocks = blocksOf(parser.lexer(text), 0)
  } catch {
    blocks = [{ kind: 'paragraph', inside: [{ kind: 'text', text }] }]
  }
  if (cache.size >= cacheMax) cache.delete(cache.keys().next().value as string)
  cache.set(text, blocks)
  return blocks
}

// In one line, without marks: for notifications, threads, reminders.
export function plainText(text: string, nameOf: (profileId: string) => string): string {
  const inline = (parts: Inline[]): string =>
    parts
      .map((part) => {
        if ('inside' in part) return inline(part.inside)
        if (part.kind === 'mention') return `@${nameOf(part.profileId)}`
        return part.kind === 'break' ? ' ' : part.text
      })
      .join('')
  const block = (each: Block): string => {
    if (each.kind === 'code') return each.text
    if (each.kind === 'quote') return each.inside.map(block).join(' ')
    if (each.kind === 'list') return each.items.map((item) => item.inside.map(block).join(' ')).join(', ')
    if (each.kind === 'table') return [each.head, ...each.rows].map((row) => row.map(inline).join(' ')).join(' ')
    return each.kind === 'rule' ? '' : inline(each.inside)
  }
  return parseMarkup(text).map(block).join(' ').replace(/\s+/g, ' ').trim()
}

// Whether a message is nothing but one to three emoji: they are shown large.
export function isOnlyEmoji(text: string): boolean {
  return /^(?:\s*\p{RGI_Emoji}){1,3}\s*$/v.test(text)
}

// What a click may open. Everything else ("javascript:", "data:", our own API) stays text.
export function safeHref(href: string): string | null {
  try {
    const url = new URL(href)
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : null
  } catch {
    return null
  }
}

function blocksOf(tokens: Token[], depth: number): Block[] {
  return tokens.flatMap((token) => blockOf(token as Tokens.Generic, depth))
}

function blockOf(token: Tokens.Generic, depth: number): Block[] {
  if (depth > depthMax) return [{ kind: 'paragraph', inside: [{ kind: 'text', text: token.raw }] }]
  switch (token.type) {
    case 'space':
    case 'def':
      return token.type === 'def' ? [{ kind: 'paragraph', inside: [{ kind: 'text', text: token.raw.trim() }] }] : []
    case 'code':
      return [{ kind: 'code', text: String(token['text']), language: String(token['lang'] ?? '').split(/\s/)[0] ?? '' }]
    case 'heading':
      return [{ kind: 'heading', inside: inlineOf(token.tokens ?? [], depth + 1) }]
    case 'hr':
      return [{ kind: 'rule' }]
    case 'blockquote':
      return [{ kind: 'quote', inside: blocksOf(token.tokens ?? [], depth + 1) }]
    case 'list':
      return [listOf(token as unknown as Tokens.List, depth)]
    case 'table': {
      const table = token as unknown as Tokens.Table
      const cell = (each: Tokens.TableCell) => inlineOf(each.tokens, depth + 1)
      return [{ kind: 'table', head: table.header.map(cell), rows: table.rows.map((row) => row.map(cell)) }]
    }
    case 'html':
      return [{ kind: 'paragraph', inside: linesOf(token.raw.replace(/\n+$/, '')) }]
    default: {
      const inside = token.tokens ? inlineOf(token.tokens, depth + 1) : linesOf(token.raw)
      return [{ kind: 'paragraph', inside }]
    }
  }
}

function listOf(list: Tokens.List, depth: number): Block {
  return {
    kind: 'list',
    isOrdered: list.ordered,
    start: list.start === '' ? 1 : Number(list.start),
    items: list.items.map((item) => ({
      inside: blocksOf(item.tokens.filter((token) => token.type !== 'checkbox'), depth + 1),
      isDone: item.task ? item.checked === true : null,
    })),
  }
}

function inlineOf(tokens: Token[], depth: number): Inline[] {
  return tokens.flatMap((token) => partOf(token as Tokens.Generic, depth))
}

function partOf(token: Tokens.Generic, depth: number): Inline[] {
  if (depth > depthMax) return [{ kind: 'text', text: token.raw }]
  const inside = () => inlineOf(token.tokens ?? [], depth + 1)
  switch (token.type) {
    case 'strong':
      return [{ kind: 'strong', inside: inside() }]
    case 'em':
      return [{ kind: 'emphasis', inside: inside() }]
    case 'del':
      return [{ kind: 'struck', inside: inside() }]
    case 'codespan':
      return [{ kind: 'code', text: String(token['text']) }]
    case 'br':
      return [{ kind: 'break' }]
    case 'mention': {
      const name = (token as unknown as MentionToken).name
      return /^\d/.test(name) ? [{ kind: 'mention', profileId: name }] : [{ kind: 'everybody', text: `@${name}` }]
    }
    case 'link': {
      const href = safeHref(String(token['href']))
      return href === null ? [{ kind: 'text', text: token.raw }] : [{ kind: 'link', href, inside: inside() }]
    }
    case 'image': {
      // A picture would be fetched from elsewhere as soon as somebody looks: a link leaves that to the reader.
      const href = safeHref(String(token['href']))
      const text = String(token['text'] || token['href'])
      return href === null ? [{ kind: 'text', text: token.raw }] : [{ kind: 'link', href, inside: [{ kind: 'text', text }] }]
    }
    case 'escape':
      return [{ kind: 'text', text: String(token['text']) }]
    case 'text':
      return token.tokens ? inside() : linesOf(token.raw)
    default:
      return linesOf(token.raw)
  }
}

function linesOf(text: string): Inline[] {
  return text
    .split('\n')
    .flatMap((line, index): Inline[] => (index === 0 ? [{ kind: 'text', text: line }] : [{ kind: 'break' }, { kind: 'text', text: line }]))
}

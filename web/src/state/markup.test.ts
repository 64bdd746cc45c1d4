import { describe, expect, it } from 'vitest'
import { isOnlyEmoji, parseMarkup, plainText, safeHref } from './markup.ts'

const inline = (text: string) => {
  const [first] = parseMarkup(text)
  return first && first.kind === 'paragraph' ? first.inside : first
}
const nameOf = (id: string) => ({ '9': 'Venkat Sharma' })[id] ?? id

// All text that a tree shows, and all addresses that it links to.
function shown(text: string): string {
  return JSON.stringify(parseMarkup(text))
}

describe('parseMarkup', () => {
  it('knows what people write', () => {
    expect(inline('a **b** _c_ ~~d~~ `e`')).toEqual([
      { kind: 'text', text: 'a ' },
      { kind: 'strong', inside: [{ kind: 'text', text: 'b' }] },
      { kind: 'text', text: ' ' },
      { kind: 'emphasis', inside: [{ kind: 'text', text: 'c' }] },
      { kind: 'text', text: ' ' },
      { kind: 'struck', inside: [{ kind: 'text', text: 'd' }] },
      { kind: 'text', text: ' ' },
      { kind: 'code', text: 'e' },
    ])
    expect(parseMarkup('```sql\nSELECT 1\n```')).toEqual([{ kind: 'code', text: 'SELECT 1', language: 'sql' }])
    expect(parseMarkup('- [x] done\n- [ ] open')[0]).toMatchObject({ kind: 'list', items: [{ isDone: true }, { isDone: false }] })
    expect(inline('one\ntwo')).toContainEqual({ kind: 'break' })
    expect(inline('see https://apache.org/x?a=1&b=2')).toContainEqual({
      kind: 'link',
      href: 'https://apache.org/x?a=1&b=2',
      inside: [{ kind: 'text', text: 'https://apache.org/x?a=1&b=2' }],
    })
  })

  it('reads mentions as the server does', () => {
    expect(inline('hi <@9> and @here')).toEqual([
      { kind: 'text', text: 'hi ' },
      { kind: 'mention', profileId: '9' },
      { kind: 'text', text: ' and ' },
      { kind: 'everybody', text: '@here' },
    ])
    expect(inline('`<@9>`')).toEqual([{ kind: 'code', text: '<@9>' }])
    expect(plainText('**hi** <@9>\n\nbye', nameOf)).toBe('hi @Venkat Sharma bye')
  })

  it('leaves attacks as the text that they are', () => {
    for (const attack of [
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      'a <b onmouseover=alert(1)>c</b>',
      '<svg/onload=alert(1)>',
      '<!-- x --><iframe src=//evil>',
    ]) {
      const text = plainText(attack, nameOf)
      expect(text).toBe(attack)
      expect(shown(attack)).not.toContain('"kind":"link"')
    }
    for (const link of [
      '[a](javascript:alert(1))',
      '[a](JaVaScRiPt:alert(1))',
      '[a](data:text/html,<script>1</script>)',
      '[a](vbscript:x)',
      '![a](javascript:alert(1))',
      '<javascript:alert(1)>',
      '[a](/v1/sessions)',
    ]) {
      expect(shown(link), link).not.toContain('"kind":"link"')
    }
  })

  it('has an end for every nesting', () => {
    expect(() => parseMarkup('>'.repeat(2000) + ' a')).not.toThrow()
    expect(() => parseMarkup('**'.repeat(2000))).not.toThrow()
    expect(() => parseMarkup('['.repeat(2000))).not.toThrow()
  })
})

describe('safeHref', () => {
  it('opens pages and letters', () => {
    expect(safeHref('https://a.example')).toBe('https://a.example/')
    expect(safeHref('mailto:a@b.example')).toBe('mailto:a@b.example')
    for (const href of ['javascript:1', ' javascript:1', 'java\nscript:1', 'file:///etc', 'blob:x', '//a', '']) {
      expect(safeHref(href), href).toBeNull()
    }
  })
})

describe('isOnlyEmoji', () => {
  it('takes one to three', () => {
    for (const text of ['👍', '🇩🇪 👨‍👩‍👧', '❤️🎉🔥']) expect(isOnlyEmoji(text), text).toBe(true)
    for (const text of ['👍 ok', '1', '', '👍👍👍👍']) expect(isOnlyEmoji(text), text).toBe(false)
  })
})

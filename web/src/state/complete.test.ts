import { describe, expect, it } from 'vitest'
import { best, fit, fromMessage, toMessage, triggerAt } from './complete.ts'

describe('triggerAt', () => {
  it('sees what is being written at the caret', () => {
    expect(triggerAt('hi @ve', 6)).toEqual({ kind: 'person', query: 've', from: 3 })
    expect(triggerAt('@', 1)).toEqual({ kind: 'person', query: '', from: 0 })
    expect(triggerAt('a :smi', 6)).toEqual({ kind: 'emoji', query: 'smi', from: 2 })
    for (const text of ['me@ve', 'at 9:30', 'a :s', 'hi @ve now', '']) expect(triggerAt(text, text.length), text).toBeNull()
    expect(triggerAt('hi @ve now', 6)).not.toBeNull()
  })
})

describe('fit', () => {
  it('puts beginnings first', () => {
    expect(best(['Shoi-ming Li', 'Ah Lam', 'Mark Smith'], (name) => name, 'm', 9)).toEqual(['Mark Smith', 'Shoi-ming Li', 'Ah Lam'])
    expect(best(['random', 'roadmap_suggestions'], (name) => name, 'sugg', 9)).toEqual(['roadmap_suggestions'])
    expect(fit('Zoë', 'zoe')).toBeGreaterThan(0)
    expect(fit('Ann', 'x')).toBe(0)
  })
})

describe('names in texts', () => {
  it('go out as ids and come back as names', () => {
    const called = new Map([
      ['Mark', '1'],
      ['Mark Smith', '2'],
    ])
    expect(toMessage('hi @Mark Smith and @Mark, mail a@Mark.example ', called)).toBe('hi <@2> and <@1>, mail a@Mark.example')
    expect(toMessage('hi @Nobody', called)).toBe('hi @Nobody')
    const back = fromMessage('hi <@2> and <@77>', (id) => (id === '2' ? 'Mark Smith' : '…'))
    expect(back.text).toBe('hi @Mark Smith and <@77>')
    expect(toMessage(back.text, back.called)).toBe('hi <@2> and <@77>')
  })
})

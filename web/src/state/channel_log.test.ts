import { describe, expect, it } from 'vitest'
import { ChannelLog } from './channel_log.ts'
import { makeMessage } from './fixtures.ts'

const texts = (log: ChannelLog) => log.knownRanges.flatMap((range) => log.messagesIn(range).map((each) => each.text))

describe('ChannelLog', () => {
  it('keeps one of each, the newest, whatever the order of arrival', () => {
    const log = new ChannelLog(3, 3)
    const old = makeMessage({ seq: 2, change_seq: 2, text: 'two' })
    const edited = makeMessage({ seq: 2, change_seq: 4, text: 'two, edited' })
    log.addPage([makeMessage({ seq: 1, text: 'one' }), old, makeMessage({ seq: 3, text: 'three' })], { from: 1, to: 3 })
    expect(log.applyLive(edited, 4)).toBe(true)
    log.apply(old)
    log.apply(edited)
    expect(texts(log)).toEqual(['one', 'two, edited', 'three'])
    expect(log.changeSeq).toBe(4)
  })

  it('ends in the same state for every order and repetition of the same frames', () => {
    const frames = [4, 5, 6, 7].map((seq) => makeMessage({ seq, change_seq: seq, text: `m${seq}` }))
    const edit = makeMessage({ seq: 5, change_seq: 8, text: 'm5, edited' })
    const all = [...frames, edit]
    for (let round = 0; round < 200; round += 1) {
      const log = new ChannelLog(3, 3)
      log.addPage([1, 2, 3].map((seq) => makeMessage({ seq })), { from: 1, to: 3 })
      const shuffled = [...all, ...all.slice(0, round % 5)].sort(() => Math.random() - 0.5)
      let complete = true
      for (const message of shuffled) complete = log.applyLive(message, message.change_seq) && complete
      // What is missing is asked for, as the sync does.
      if (!complete) log.applyChanges([...all].sort((a, b) => a.change_seq - b.change_seq).filter((m) => m !== frames[1]), 8, 7)
      log.applyChanges([edit], 8, 7)
      expect(log.knownRanges).toEqual([{ from: 1, to: 7 }])
      expect(log.get(5)?.text).toBe('m5, edited')
      expect(log.changeSeq).toBe(8)
    }
  })

  it('says when changes are missing, and does not pretend to have seen them', () => {
    const log = new ChannelLog(3, 3)
    log.addPage([1, 2, 3].map((seq) => makeMessage({ seq })), { from: 1, to: 3 })
    expect(log.applyLive(makeMessage({ seq: 5, change_seq: 5 }), 5)).toBe(false)
    expect(log.changeSeq).toBe(3)
    expect(log.knownRanges).toEqual([{ from: 1, to: 3 }])
    expect(log.rangeAround(null)).toBeUndefined()
    log.applyChanges([makeMessage({ seq: 4, change_seq: 4 }), makeMessage({ seq: 5, change_seq: 5 })], 5, 5)
    expect(log.changeSeq).toBe(5)
  })

  it('joins stretches that meet, and keeps apart those that do not', () => {
    const log = new ChannelLog(100, 100)
    log.addPage([98, 99, 100].map((seq) => makeMessage({ seq })), { from: 98, to: 100 })
    log.addPage([10, 11].map((seq) => makeMessage({ seq })), { from: 10, to: 11 })
    expect(log.knownRanges).toEqual([{ from: 10, to: 11 }, { from: 98, to: 100 }])
    expect(log.rangeAround(11)).toEqual({ from: 10, to: 11 })
    expect(log.rangeAround(50)).toBeUndefined()
    log.addPage([makeMessage({ seq: 12 })], { from: 12, to: 97 })
    expect(log.knownRanges).toEqual([{ from: 10, to: 100 }])
  })

  it('takes a root with more replies for newer, though no change of its own says so', () => {
    const log = new ChannelLog(2, 1)
    log.addPage([makeMessage({ seq: 1, change_seq: 2, reply_count: 1 })], { from: 1, to: 1 })
    log.apply(makeMessage({ seq: 1, change_seq: 2, reply_count: 2 }))
    log.apply(makeMessage({ seq: 1, change_seq: 2, reply_count: 1 }))
    expect(log.get(1)?.reply_count).toBe(2)
  })

  it('starts with the first message of an empty channel', () => {
    const log = new ChannelLog(0, 0)
    log.applyLive(makeMessage({ seq: 1, change_seq: 1 }), 1)
    expect(log.knownRanges).toEqual([{ from: 1, to: 1 }])
  })
})

import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Connection, type Frame, type LiveState, type SocketLike } from './connection.ts'

class FakeSocket implements SocketLike {
  onmessage: SocketLike['onmessage'] = null
  onclose: SocketLike['onclose'] = null
  onerror: SocketLike['onerror'] = null
  sent: string[] = []
  closed = false
  send(text: string) {
    this.sent.push(text)
  }
  close() {
    this.closed = true
  }
  hear(frame: Frame) {
    this.onmessage?.({ data: JSON.stringify(frame) } as MessageEvent)
  }
  break() {
    this.onclose?.({ code: 1006 } as CloseEvent)
  }
}

let sockets: FakeSocket[]
let states: LiveState[]
let frames: Frame[]
let polls: number
let answers: boolean

function open() {
  const connection = new Connection({
    open: () => {
      sockets.push(new FakeSocket())
      return sockets.at(-1)!
    },
    poll: async () => {
      polls += 1
      if (!answers) throw new Error('no network')
    },
    onFrame: (frame) => frames.push(frame),
    onState: (state) => states.push(state),
  })
  connection.start()
  return connection
}

beforeEach(() => {
  vi.useFakeTimers()
  sockets = []
  states = []
  frames = []
  polls = 0
  answers = true
})

describe('Connection', () => {
  it('is live after hello, and connects again after a loss', async () => {
    open()
    sockets[0]!.hear({ type: 'hello', channels: [] })
    expect(states).toEqual(['live'])
    sockets[0]!.break()
    expect(states).toEqual(['live', 'connecting'])
    await vi.advanceTimersByTimeAsync(1000)
    sockets[1]!.hear({ type: 'hello', channels: [] })
    expect(states).toEqual(['live', 'connecting', 'live'])
    expect(frames).toHaveLength(2)
  })

  it('polls where sockets are blocked, goes on trying, and stops polling once one works', async () => {
    open()
    for (let count = 0; count < 3; count += 1) {
      sockets.at(-1)!.break()
      await vi.advanceTimersByTimeAsync(3000)
    }
    expect(states).toEqual(['polling'])
    expect(polls).toBeGreaterThan(1)
    sockets.at(-1)!.hear({ type: 'hello', channels: [] })
    await vi.advanceTimersByTimeAsync(3000)
    const before = polls
    await vi.advanceTimersByTimeAsync(10_000)
    expect(polls).toBe(before)
    expect(states.at(-1)).toBe('live')
  })

  it('says that it is offline when nothing answers, and wakes at once', async () => {
    answers = false
    const connection = open()
    for (let count = 0; count < 4; count += 1) {
      sockets.at(-1)!.break()
      await vi.advanceTimersByTimeAsync(15_000)
    }
    expect(states.at(-1)).toBe('offline')
    const before = sockets.length
    connection.wake()
    expect(sockets.length).toBe(before + 1)
    connection.stop()
  })

  it('takes a socket that has gone silent for dead', async () => {
    open()
    sockets[0]!.hear({ type: 'hello', channels: [] })
    await vi.advanceTimersByTimeAsync(41_000)
    expect(sockets[0]!.closed).toBe(true)
    expect(sockets[0]!.sent).toContain('{"type":"ping"}')
    await vi.advanceTimersByTimeAsync(1000)
    expect(sockets).toHaveLength(2)
  })

  it('waits for as long as a server that drains asks for', async () => {
    open()
    sockets[0]!.hear({ type: 'hello', channels: [] })
    sockets[0]!.hear({ type: 'reconnect', after_ms: 5000, reason: 'drain' })
    sockets[0]!.break()
    await vi.advanceTimersByTimeAsync(4900)
    expect(sockets).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(sockets).toHaveLength(2)
  })
})

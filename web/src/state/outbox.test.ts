import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, describe, expect, it } from 'vitest'
import { Refused, Unreachable } from '../api/client.ts'
import type { Message } from '../api/types.ts'
import { makeMessage } from './fixtures.ts'
import { Outbox, type OutgoingMessage } from './outbox.ts'
import { IndexedOutbox } from './outbox_storage.ts'

// A server that makes each client_msg_id once, and whose line can be cut before or after it has done so.
class Server {
  made: Message[] = []
  fault: (message: OutgoingMessage) => 'lost request' | 'lost answer' | 'refused' | 'busy' | null = () => null
  requests = 0

  async send(message: OutgoingMessage): Promise<Message> {
    this.requests += 1
    await Promise.resolve()
    const fault = this.fault(message)
    if (fault === 'lost request') throw new Unreachable('cut')
    if (fault === 'busy') throw new Refused(503, 'unavailable', 'asia does not answer', '', null, null)
    if (fault === 'refused') throw new Refused(403, 'forbidden', 'the channel is archived', '', null, null)
    let found = this.made.find((each) => each.client_msg_id === message.client_msg_id)
    if (!found) {
      found = makeMessage({ seq: this.made.length + 1, text: message.text, client_msg_id: message.client_msg_id })
      this.made.push(found)
    }
    if (fault === 'lost answer') throw new Unreachable('cut')
    return found
  }
  get texts() {
    return this.made.map((each) => each.text)
  }
}

let server: Server
let factory: IDBFactory
let timers: (() => void)[]

async function settle() {
  for (let turn = 0; turn < 60; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 0))
    timers.splice(0).forEach((action) => action())
  }
}

// A page: what it has in memory is gone when the next one begins, what is in `factory` stays.
function openPage(profileId = '9') {
  const page = new Outbox({
    storage: new IndexedOutbox(factory),
    profileId,
    send: (message) => server.send(message),
    onSent: () => {},
    onChange: () => {},
    after: (_, action) => timers.push(action),
  })
  return page
}

beforeEach(() => {
  server = new Server()
  factory = new IDBFactory()
  timers = []
})

describe('Outbox', () => {
  it('sends in the order of writing, one at a time', async () => {
    const page = openPage()
    for (const text of ['a', 'b', 'c']) page.add('8', text)
    await settle()
    expect(server.texts).toEqual(['a', 'b', 'c'])
    expect(page.size).toBe(0)
  })

  it('sends once what was made but not answered', async () => {
    let cuts = 3
    server.fault = () => (cuts-- > 0 ? 'lost answer' : null)
    const page = openPage()
    page.add('8', 'a')
    page.add('8', 'b')
    await settle()
    expect(server.texts).toEqual(['a', 'b'])
    expect(server.requests).toBe(5)
  })

  it('survives a reload in the middle, in order and once', async () => {
    server.fault = () => 'lost answer'
    const first = openPage()
    for (const text of ['a', 'b', 'c']) first.add('8', text)
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0)) // timers never fire: the page is gone
    server.fault = () => null
    const second = openPage()
    second.add('8', 'd')
    await second.restore()
    await settle()
    expect(server.texts.toSorted()).toEqual(['a', 'b', 'c', 'd'])
    expect(server.texts.filter((text) => text !== 'd')).toEqual(['a', 'b', 'c'])
    const third = openPage()
    await third.restore()
    expect(third.size).toBe(0)
  })

  it('loses and doubles nothing under any faults', async () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      server = new Server()
      factory = new IDBFactory()
      timers = []
      let state = seed
      const random = () => (state = (state * 48271) % 2147483647) / 2147483647
      server.fault = () => (random() < 0.5 ? (['lost request', 'lost answer', 'busy'] as const)[Math.floor(random() * 3)]! : null)
      const page = openPage()
      const written: string[] = []
      for (let count = 0; count < 12; count += 1) {
        written.push(`m${count}`)
        page.add('8', `m${count}`)
      }
      for (let rounds = 0; rounds < 20 && page.size > 0; rounds += 1) await settle()
      expect(server.texts, `seed ${seed}`).toEqual(written)
    }
  })

  it('keeps what the server refuses for good, and lets the next ones pass', async () => {
    server.fault = (message) => (message.text === 'bad' ? 'refused' : null)
    const page = openPage()
    page.add('8', 'bad')
    page.add('8', 'good')
    await settle()
    expect(server.texts).toEqual(['good'])
    expect(page.of('8').map((each) => each.failure)).toEqual(['the channel is archived'])
    server.fault = () => null
    page.retry(page.of('8')[0]!.client_msg_id)
    await settle()
    expect(server.texts).toEqual(['good', 'bad'])
  })

  it('is not held up by another channel, and leaves alone what another profile wrote', async () => {
    server.fault = (message) => (message.channel_id === '8' ? 'busy' : null)
    const page = openPage()
    page.add('8', 'to a region that is down')
    page.add('1', 'elsewhere')
    await settle()
    expect(server.texts).toEqual(['elsewhere'])
    const other = openPage('5')
    await other.restore()
    expect(other.size).toBe(0)
  })
})

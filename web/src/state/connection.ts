// The live connection to one serving process, and what stands in for it where sockets are blocked: polling.
//
// It holds no state that could be lost. After every hello, and after every poll, whoever listens compares counters and
// asks for what is missing.

export type LiveState =
  | 'connecting' // nothing yet
  | 'live' // a socket is open, and has said hello
  | 'polling' // no socket, but answers come
  | 'offline' // neither

export interface SocketLike {
  send(text: string): void
  close(code?: number): void
  onmessage: ((event: MessageEvent) => void) | null
  onclose: ((event: CloseEvent) => void) | null
  onerror: ((event: Event) => void) | null
}

export interface Frame {
  type: string
  [name: string]: unknown
}

export interface ConnectionParts {
  open(): SocketLike
  // Throws when no answer comes.
  poll(): Promise<void>
  onFrame(frame: Frame): void
  onState(state: LiveState): void
  after?(ms: number, action: () => void): unknown
  cancel?(timer: unknown): void
}

const helloPatienceMs = 6_000
const pauseMinMs = 400
const pauseMaxMs = 20_000
const failuresBeforePolling = 2
const pollIntervalMs = 2_500
const silenceMaxMs = 40_000 // the server pings long before
const pingIntervalMs = 15_000

export class Connection {
  state: LiveState = 'connecting'
  private socket: SocketLike | null = null
  private failures = 0
  private isStopped = false
  private isPolling = false
  private hasHello = false
  private reconnecting: unknown = null
  private watchdog: unknown = null
  private ping: unknown = null

  constructor(private readonly parts: ConnectionParts) {}

  start(): void {
    this.isStopped = false
    this.connect()
  }

  stop(): void {
    this.isStopped = true
    this.clear(this.reconnecting)
    this.drop()
  }

  // The network may be back: no need to wait for the end of the pause.
  wake(): void {
    if (this.isStopped || this.hasHello) return
    this.failures = Math.min(this.failures, failuresBeforePolling)
    this.clear(this.reconnecting)
    this.drop()
    this.connect()
  }

  // False when there is no socket to say it to.
  say(frame: Frame): boolean {
    if (!this.socket || !this.hasHello) return false
    this.socket.send(JSON.stringify(frame))
    return true
  }

  private connect(): void {
    this.reconnecting = null
    if (this.isStopped || this.socket) return
    let socket: SocketLike
    try {
      socket = this.parts.open()
    } catch {
      this.retry(0)
      return
    }
    this.socket = socket
    let told = 0
    socket.onmessage = (event) => {
      if (this.socket !== socket) return
      this.watch(silenceMaxMs)
      const frame = parse(event.data)
      if (!frame) return
      if (frame.type === 'hello') this.welcome()
      if (frame.type === 'reconnect') told = Number(frame['after_ms']) || 0
      this.parts.onFrame(frame)
    }
    socket.onclose = () => {
      if (this.socket !== socket) return
      this.drop()
      this.retry(told)
    }
    socket.onerror = () => {} // a close follows
    this.watch(helloPatienceMs)
  }

  private welcome(): void {
    this.hasHello = true
    this.failures = 0
    this.enter('live')
    const beat = () => {
      this.say({ type: 'ping' })
      this.ping = this.delay(pingIntervalMs, beat)
    }
    this.ping = this.delay(pingIntervalMs, beat)
  }

  // A socket that says nothing for that long is dead, whatever the network stack believes.
  private watch(ms: number): void {
    this.clear(this.watchdog)
    this.watchdog = this.delay(ms, () => {
      this.drop()
      this.retry(0)
    })
  }

  private drop(): void {
    const socket = this.socket
    this.socket = null
    this.hasHello = false
    this.clear(this.watchdog)
    this.clear(this.ping)
    if (socket) {
      socket.onmessage = socket.onclose = socket.onerror = null
      socket.close(1000)
    }
  }

  private retry(toldMs: number): void {
    if (this.isStopped) return
    this.failures += 1
    if (this.state === 'live') this.enter('connecting')
    const pause = Math.min(pauseMaxMs, pauseMinMs * 2 ** Math.min(this.failures - 1, 6)) * (0.7 + Math.random() * 0.6)
    this.clear(this.reconnecting)
    this.reconnecting = this.delay(Math.max(toldMs, pause), () => this.connect())
    if (this.failures >= failuresBeforePolling) void this.keepPolling()
  }

  private async keepPolling(): Promise<void> {
    if (this.isPolling) return
    this.isPolling = true
    while (!this.isStopped && !this.hasHello) {
      try {
        await this.parts.poll()
        if (!this.hasHello) this.enter('polling')
      } catch {
        if (!this.hasHello) this.enter('offline')
      }
      await new Promise<void>((resolve) => this.delay(pollIntervalMs, resolve))
    }
    this.isPolling = false
  }

  private enter(state: LiveState): void {
    if (this.state === state || this.isStopped) return
    this.state = state
    this.parts.onState(state)
  }

  private delay(ms: number, action: () => void): unknown {
    return this.parts.after ? this.parts.after(ms, action) : setTimeout(action, ms)
  }

  private clear(timer: unknown): void {
    if (timer === null) return
    if (this.parts.cancel) this.parts.cancel(timer)
    else clearTimeout(timer as ReturnType<typeof setTimeout>)
  }
}

function parse(data: unknown): Frame | null {
  try {
    const value: unknown = JSON.parse(String(data))
    return typeof value === 'object' && value !== null && typeof (value as Frame).type === 'string' ? (value as Frame) : null
  } catch {
    return null
  }
}

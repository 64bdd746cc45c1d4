// Everything that one signed-in person sees, and how it stays as the servers have it.
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import { allPages, Refused, type Api } from '../api/client.ts'
import type { Reminder } from '../api/reminders.ts'
import type { Status } from '../api/statuses.ts'
import type { Channel, Member, Message, OwnProfile, Region, Workspace } from '../api/types.ts'
import { Connection, type Frame, type LiveState } from './connection.ts'
import { Outbox, type OutgoingMessage } from './outbox.ts'
import { IndexedOutbox } from './outbox_storage.ts'
import { People } from './people.svelte.ts'
import { Reminders } from './reminders.svelte.ts'
import { Timeline } from './timeline.svelte.ts'

const typingShownMs = 6_000
const typingToldMs = 3_000
const readDelayMs = 400
const mentionsLookedForMax = 30 // channels, after signing in
const slowRefreshMs = 60_000
const watchedAtOnceMax = 200 // of one frame, says the server
const watchedMax = 500

// A channel's counters, as hello and followed tell them.
type Told = Pick<Channel, 'id' | 'workspace_id' | 'last_seq' | 'change_seq' | 'read_seq' | 'is_member' | 'region'>

export class Messenger {
  readonly people: People
  readonly reminders: Reminders
  readonly outbox: Outbox
  workspaces = $state.raw<Workspace[]>([])
  missingRegions = $state.raw<string[]>([])
  regions = $state.raw<Region[]>([])
  live = $state<LiveState>('connecting')
  isLoaded = $state(false)
  loadError = $state.raw<Error | null>(null)
  now = $state(Date.now()) // for what expires
  readonly channels = new SvelteMap<string, Channel>()
  readonly mentions = new SvelteMap<string, number>() // unread ones that call this person, by channel
  readonly members = new SvelteMap<string, Member[]>() // by workspace
  readonly unreachable = new SvelteSet<string>() // regions
  private readonly typing = new SvelteMap<string, Map<string, number>>()
  private readonly timelines = new Map<string, Timeline>()
  private outboxVersion = $state(0)
  private readonly connection: Connection
  private readonly readTimers = new Map<string, ReturnType<typeof setTimeout>>()
  private readonly timers: ReturnType<typeof setInterval>[] = []
  private lostTimer: ReturnType<typeof setTimeout> | undefined
  private typingToldAt = 0
  private lookingAt: string | null = null
  onMessage: (message: Message, channel: Channel, callsMe: boolean) => void = () => {}

  constructor(
    readonly api: Api,
    readonly me: OwnProfile,
  ) {
    this.people = new People(api)
    this.people.keep(me)
    this.people.onWatch = (ids) => this.watch(ids)
    this.reminders = new Reminders(api)
    this.outbox = new Outbox({
      storage: new IndexedOutbox(),
      profileId: me.id,
      send: (message) => this.sendOne(message),
      onSent: (_, made) => this.keepSent(made),
      onChange: () => (this.outboxVersion += 1),
    })
    this.connection = new Connection({
      open: () => new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/events`),
      poll: () => this.poll(),
      onFrame: (frame) => this.take(frame),
      onState: (state) => this.enter(state),
    })
  }

  async start(): Promise<void> {
    addEventListener('online', this.wake)
    addEventListener('visibilitychange', this.wake)
    this.timers.push(setInterval(() => (this.now = Date.now()), 5_000))
    this.timers.push(setInterval(() => void this.refreshSlowly(), slowRefreshMs))
    this.connection.start()
    void this.outbox.restore()
    void this.refreshRegions()
    void this.reminders.refresh()
    await this.load()
  }

  stop(): void {
    removeEventListener('online', this.wake)
    removeEventListener('visibilitychange', this.wake)
    for (const timer of this.timers) clearInterval(timer)
    clearTimeout(this.lostTimer)
    this.connection.stop()
  }

  async load(): Promise<void> {
    try {
      await Promise.all([this.refreshWorkspaces(), this.refreshChannels()])
      this.loadError = null
      this.isLoaded = true
      void this.lookForMentions()
    } catch (caught) {
      this.loadError = caught as Error
    }
  }

  // The workspace's channels that one is in, by name; direct ones apart.
  channelsOf(workspaceId: string): { open: Channel[]; direct: Channel[] } {
    const own = [...this.channels.values()].filter((each) => each.workspace_id === workspaceId && each.is_member)
    const alive = own.filter((each) => !each.is_archived)
    const open = alive.filter((each) => !each.is_direct).sort((left, right) => left.name.localeCompare(right.name))
    const direct = alive.filter((each) => each.is_direct).sort((left, right) => this.titleOf(left).localeCompare(this.titleOf(right)))
    return { open, direct }
  }

  unreadOf(workspaceId: string): { unread: number; mentions: number } {
    let unread = 0
    let mentions = 0
    for (const channel of this.channels.values()) {
      if (channel.workspace_id !== workspaceId || !channel.is_member || channel.is_archived) continue
      unread += channel.unread_count
      mentions += this.badgeOf(channel)
    }
    return { unread, mentions }
  }

  // What calls this person: mentions, and everything in a direct channel.
  badgeOf(channel: Channel): number {
    return channel.is_direct ? channel.unread_count : Math.min(this.mentions.get(channel.id) ?? 0, channel.unread_count)
  }

  titleOf(channel: Channel): string {
    if (!channel.is_direct) return channel.name
    const others = channel.direct_profile_ids.filter((id) => id !== this.me.id)
    return (others.length > 0 ? others : [this.me.id]).map((id) => this.people.nameOf(id)).join(', ')
  }

  timelineOf(channel: Channel): Timeline {
    let timeline = this.timelines.get(channel.id)
    if (!timeline || timeline.isFarBehind(channel.change_seq)) {
      timeline = new Timeline(this.api, channel.id, channel)
      this.timelines.set(channel.id, timeline)
    }
    return timeline
  }

  outgoingOf(channelId: string): OutgoingMessage[] {
    void this.outboxVersion
    return this.outbox.of(channelId)
  }

  isGoingOut(message: OutgoingMessage): boolean {
    void this.outboxVersion
    return this.outbox.isSending(message)
  }

  get outgoingCount(): number {
    void this.outboxVersion
    return this.outbox.size
  }

  typingIn(channelId: string): string[] {
    const told = this.typing.get(channelId)
    if (!told) return []
    return [...told].filter(([, at]) => this.now - at < typingShownMs).map(([id]) => id)
  }

  async refreshMembers(workspaceId: string): Promise<void> {
    const path = { id: workspaceId }
    const list = await allPages((cursor) =>
      this.api.get('/v1/workspaces/{id}/members', { path, query: { limit: 100, ...(cursor ? { cursor } : {}) } }),
    )
    this.members.set(workspaceId, list.items)
    this.people.keepMembers(list.items)
  }

  async refreshChannel(id: string): Promise<Channel | null> {
    try {
      const channel = (await this.api.get('/v1/channels/{id}', { path: { id } })).data
      this.keepChannel(channel)
      return channel
    } catch (caught) {
      if (caught instanceof Refused && caught.status === 404) this.channels.delete(id)
      return null
    }
  }

  keepChannel(channel: Channel): void {
    const known = this.channels.get(channel.id)
    // Counters only grow: what a live frame said is not taken back by an older answer.
    const last_seq = Math.max(channel.last_seq, known?.last_seq ?? 0)
    const change_seq = Math.max(channel.change_seq, known?.change_seq ?? 0)
    const merged = { ...known, ...channel, last_seq, change_seq, unread_count: Math.max(0, last_seq - channel.read_seq) }
    this.channels.set(channel.id, merged)
    this.catchUp(merged)
  }

  // Read up to here; told to the server when the reader has paused. `mayGoBack`: "unread from here".
  markRead(channelId: string, seq: number, mayGoBack = false): void {
    const channel = this.channels.get(channelId)
    if (!channel?.is_member || (!mayGoBack && seq <= channel.read_seq)) return
    const unread = Math.max(0, channel.last_seq - seq)
    this.channels.set(channelId, { ...channel, read_seq: seq, unread_count: unread })
    if (unread === 0) this.mentions.delete(channelId)
    clearTimeout(this.readTimers.get(channelId))
    const tell = () => {
      const body = mayGoBack ? { seq, may_go_back: true } : { seq, may_go_back: false }
      this.api.put('/v1/channels/{id}/read', { path: { id: channelId }, body }).catch(() => undefined)
    }
    this.readTimers.set(channelId, setTimeout(tell, mayGoBack ? 0 : readDelayMs))
  }

  tellTyping(channelId: string): void {
    if (Date.now() - this.typingToldAt < typingToldMs) return
    if (this.connection.say({ type: 'typing', channel_id: channelId })) this.typingToldAt = Date.now()
  }

  look(channel: Channel | null): void {
    const id = channel?.id ?? null
    if (id === this.lookingAt) return
    if (this.lookingAt !== null) this.connection.say({ type: 'away', channel_id: this.lookingAt })
    this.lookingAt = id
    this.sayWhereILook()
  }

  // A message as somebody's request just answered it.
  keepMessage(message: Message): void {
    this.timelines.get(message.channel_id)?.apply(message)
  }

  private readonly wake = (): void => {
    if (document.visibilityState === 'hidden') return
    this.connection.wake()
    this.outbox.flush()
  }

  private sayWhereILook(): void {
    const channel = this.lookingAt === null ? undefined : this.channels.get(this.lookingAt)
    if (!channel) return
    if (!channel.is_member) this.connection.say({ type: 'follow', channel_id: channel.id })
    this.connection.say({ type: 'look', channel_id: channel.id })
  }

  private enter(state: LiveState): void {
    this.live = state
    if (state === 'live' || state === 'polling') this.outbox.flush()
    if (state !== 'connecting' && state !== 'offline' && !this.isLoaded) void this.load()
  }

  private async sendOne(message: OutgoingMessage): Promise<Message> {
    const body = {
      text: message.text,
      client_msg_id: message.client_msg_id,
      ...(message.thread_root_id === null ? {} : { thread_root_id: message.thread_root_id }),
    }
    return (await this.api.post('/v1/channels/{id}/messages', { path: { id: message.channel_id }, body })).data
  }

  private keepSent(made: Message): void {
    this.timelines.get(made.channel_id)?.apply(made)
    this.count(made, made.change_seq)
  }

  private async refreshWorkspaces(): Promise<void> {
    const list = await allPages((cursor) =>
      this.api.get('/v1/workspaces', { query: { limit: 100, ...(cursor ? { cursor } : {}) } }),
    )
    this.missingRegions = list.missingRegions
    // Those of a region that does not answer stay.
    const gone = new Set(list.missingRegions)
    const stay = this.workspaces.filter((each) => gone.has(each.region) && !list.items.some((item) => item.id === each.id))
    this.workspaces = [...list.items, ...stay].sort((left, right) => left.name.localeCompare(right.name))
    for (const each of this.workspaces) {
      if (!this.members.has(each.id)) void this.refreshMembers(each.id).catch(() => undefined)
    }
  }

  private async refreshChannels(): Promise<void> {
    const list = await allPages((cursor) =>
      this.api.get('/v1/channels', { query: { limit: 100, ...(cursor ? { cursor } : {}) } }),
    )
    const here = new Set(list.items.map((each) => each.id))
    const gone = new Set(list.missingRegions)
    for (const known of this.channels.values()) {
      if (known.is_member && !here.has(known.id) && !gone.has(known.region)) this.channels.delete(known.id)
    }
    for (const each of list.items) this.keepChannel(each)
  }

  async refreshRegions(): Promise<void> {
    try {
      this.regions = (await this.api.get('/v1/regions')).data.items
      for (const each of this.regions) {
        if (each.is_reachable === false) this.unreachable.add(each.name)
        else if (each.is_reachable) this.unreachable.delete(each.name)
      }
    } catch {
      // The picker shows what it knows.
    }
  }

  private async refreshSlowly(): Promise<void> {
    if (document.visibilityState === 'hidden' || this.live === 'offline') return
    if (this.live !== 'live') this.people.refreshStatuses()
    await Promise.all([this.refreshRegions(), this.reminders.refresh()])
  }

  // Where sockets are blocked: the same comparison of counters that a hello brings.
  private async poll(): Promise<void> {
    const before = this.lastSeqs()
    await this.refreshChannels()
    await this.announceSince(before)
    if (this.reminders.scheduled.some((each) => Date.parse(each.notify_at) <= Date.now())) void this.reminders.refresh()
  }

  private catchUp(channel: Pick<Channel, 'id' | 'change_seq'>): void {
    const timeline = this.timelines.get(channel.id)
    if (timeline && timeline.log.changeSeq < channel.change_seq) void timeline.catchUp(channel.change_seq)
  }

  private watch(ids: readonly string[]): void {
    const some = ids.slice(0, watchedMax)
    for (let start = 0; start < some.length; start += watchedAtOnceMax) {
      this.connection.say({ type: 'watch', profile_ids: some.slice(start, start + watchedAtOnceMax) })
    }
  }

  private take(frame: Frame): void {
    switch (frame.type) {
      case 'hello':
        return this.takeHello(frame)
      case 'followed':
        return this.takeFollowed(frame as unknown as Told)
      case 'message':
      case 'change':
        return this.takeMessage(frame['message'] as Message, Number(frame['change_seq']), frame.type === 'message')
      case 'gap':
        return void this.timelines.get(String(frame['channel_id']))?.catchUp(Number(frame['change_seq']))
      case 'channel':
      case 'membership':
        return this.takeChannel(frame)
      case 'read':
        return this.takeRead(String(frame['channel_id']), Number(frame['read_seq']))
      case 'typing':
        return this.takeTyping(String(frame['channel_id']), String(frame['profile_id']))
      case 'presence': {
        const id = String(frame['profile_id'])
        return void (frame['is_online'] ? this.people.online.add(id) : this.people.online.delete(id))
      }
      case 'status':
        return this.people.keepStatus(frame as unknown as Status)
      case 'reminder':
        return this.reminders.keep(frame['reminder'] as Reminder)
      case 'topology':
        return this.takeTopology(String(frame['region']), frame['is_reachable'] === true)
      case 'lost':
        return this.takeLost(Number(frame['within_ms']))
      default: // pong, error, and what a later server may say
    }
  }

  private takeHello(frame: Frame): void {
    const told = (frame['channels'] ?? []) as Told[]
    const missing = (frame['missing_regions'] ?? []) as string[]
    const before = this.lastSeqs()
    for (const each of told) {
      const known = this.channels.get(each.id)
      if (known) this.keepChannel({ ...known, ...each, is_member: each.is_member ?? true })
    }
    // Channels that came or went in the meantime: the list says which. Those of a missing region come as `followed`.
    const ids = new Set(told.map((each) => each.id))
    const own = [...this.channels.values()].filter((each) => each.is_member && !missing.includes(each.region))
    const isSame = told.every((each) => this.channels.has(each.id)) && own.every((each) => ids.has(each.id))
    if (!isSame && this.isLoaded) void this.refreshChannels().catch(() => undefined)
    void this.announceSince(before).catch(() => undefined)
    this.people.online.clear()
    this.watch(this.people.watched)
    this.people.refreshStatuses()
    void this.reminders.refresh()
    this.sayWhereILook()
  }

  // Something may not have been told, to many at once: each asks at a moment of its own.
  private takeLost(withinMs: number): void {
    const askAgain = () => {
      void this.poll().catch(() => undefined)
      this.people.refreshStatuses()
      void this.reminders.refresh()
    }
    clearTimeout(this.lostTimer)
    this.lostTimer = setTimeout(askAgain, Math.random() * withinMs)
  }

  // A channel that is heard from now on. What was said in it before is asked for, as after a hello.
  private takeFollowed(told: Told): void {
    const known = this.channels.get(told.id)
    if (!known) return void this.refreshChannel(told.id)
    const before = new Map([[known.id, known.last_seq]])
    this.keepChannel({ ...known, ...told })
    void this.announceSince(before).catch(() => undefined)
  }

  // What failed while a region was down is asked for again once it answers.
  private takeTopology(region: string, isReachable: boolean): void {
    void this.refreshRegions()
    if (!isReachable) return void this.unreachable.add(region)
    this.unreachable.delete(region)
    this.outbox.flush()
    if (!this.isLoaded) return void this.load()
    const before = this.lastSeqs()
    void this.refreshChannels()
      .then(() => this.announceSince(before))
      .catch(() => undefined)
    if (this.missingRegions.includes(region)) void this.refreshWorkspaces().catch(() => undefined)
    for (const [id, timeline] of this.timelines) {
      if (this.channels.get(id)?.region === region) void timeline.catchUp()
    }
  }

  private takeMessage(message: Message, changeSeq: number, isNew: boolean): void {
    this.timelines.get(message.channel_id)?.applyLive(message, changeSeq)
    if (!isNew) {
      const known = this.channels.get(message.channel_id)
      if (known && known.change_seq < changeSeq) this.channels.set(known.id, { ...known, change_seq: changeSeq })
      return
    }
    this.typing.get(message.channel_id)?.delete(message.sender_id)
    const wasKnown = (this.channels.get(message.channel_id)?.last_seq ?? 0) >= message.seq
    this.count(message, changeSeq)
    if (!this.channels.has(message.channel_id)) void this.refreshChannel(message.channel_id)
    else if (!wasKnown) this.announce(message)
  }

  private announce(message: Message): void {
    const channel = this.channels.get(message.channel_id)
    if (!channel?.is_member || message.sender_id === this.me.id) return
    const callsMe = this.calls(message)
    if (callsMe && message.seq > channel.read_seq) this.mentions.set(channel.id, (this.mentions.get(channel.id) ?? 0) + 1)
    this.onMessage(message, channel, callsMe || channel.is_direct)
  }

  // What came while no socket told of it.
  private async announceSince(before: ReadonlyMap<string, number>): Promise<void> {
    const grown = [...this.channels.values()].filter((each) => each.is_member && each.last_seq > (before.get(each.id) ?? each.last_seq))
    for (const channel of grown.slice(0, mentionsLookedForMax)) {
      const query = { after_seq: before.get(channel.id)!, limit: 100 }
      const answer = await this.api.get('/v1/channels/{id}/messages', { path: { id: channel.id }, query })
      for (const message of answer.data.items) this.announce(message)
    }
  }

  private lastSeqs(): Map<string, number> {
    return new Map([...this.channels.values()].map((each) => [each.id, each.last_seq]))
  }

  private calls(message: Message): boolean {
    return message.mentions.channel || message.mentions.here || message.mentions.profile_ids.includes(this.me.id)
  }

  private count(message: Message, changeSeq: number): void {
    const known = this.channels.get(message.channel_id)
    if (!known) return
    const last_seq = Math.max(known.last_seq, message.seq)
    // Whoever writes has read.
    const read_seq = message.sender_id === this.me.id ? Math.max(known.read_seq, message.seq) : known.read_seq
    const change_seq = Math.max(known.change_seq, changeSeq)
    this.channels.set(known.id, { ...known, last_seq, read_seq, change_seq, unread_count: Math.max(0, last_seq - read_seq) })
  }

  private takeChannel(frame: Frame): void {
    const id = String(frame['channel_id'] ?? '')
    if (frame.type === 'membership' && !frame['is_member'] && String(frame['profile_id']) === this.me.id) {
      const known = this.channels.get(id)
      if (known) this.channels.set(id, { ...known, is_member: false })
    }
    if (id !== '' && id !== 'null') void this.refreshChannel(id)
    const workspaceId = String(frame['workspace_id'] ?? '')
    if (frame.type === 'membership' && workspaceId !== '') {
      if (!this.workspaces.some((each) => each.id === workspaceId)) void this.refreshWorkspaces().catch(() => undefined)
      else void this.refreshMembers(workspaceId).catch(() => undefined)
    }
  }

  private takeRead(channelId: string, readSeq: number): void {
    const known = this.channels.get(channelId)
    if (!known || readSeq <= known.read_seq) return
    const unread = Math.max(0, known.last_seq - readSeq)
    this.channels.set(channelId, { ...known, read_seq: readSeq, unread_count: unread })
    if (unread === 0) this.mentions.delete(channelId)
  }

  private takeTyping(channelId: string, profileId: string): void {
    if (profileId === this.me.id) return
    const told = new Map(this.typing.get(channelId))
    told.set(profileId, Date.now())
    this.typing.set(channelId, told)
    this.now = Date.now()
  }

  // Which of the unread messages call this person: asked once, for the badges.
  private async lookForMentions(): Promise<void> {
    const unread = [...this.channels.values()].filter((each) => each.unread_count > 0 && !each.is_direct && each.is_member)
    for (const channel of unread.slice(0, mentionsLookedForMax)) {
      try {
        const query = { after_seq: channel.read_seq, limit: 100 }
        const answer = await this.api.get('/v1/channels/{id}/messages', { path: { id: channel.id }, query })
        const calls = answer.data.items.filter((each) => each.sender_id !== this.me.id && this.calls(each)).length
        if (calls > 0) this.mentions.set(channel.id, calls)
      } catch {
        return
      }
    }
  }
}

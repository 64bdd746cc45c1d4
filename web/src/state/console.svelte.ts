// What the geo console knows: the topology now and then, its health every second, and the lab's buttons.
import { Api, Refused, type Schemas } from '../api/client.ts'
import { grown, type Lag } from './lag.ts'

export type Topology = Schemas['Topology']
export type Health = Schemas['TopologyHealth']
export type NodeHealth = Health['nodes'][number]
export type LinkHealth = Health['links'][number]
export type RowPlace = Schemas['RowPlaces']['items'][number]
export type NodeAction = 'kill' | 'freeze' | 'thaw' | 'start'
export type LinkAction = 'cut' | 'heal'

const lookEveryMs = 1_000
const topologyEveryMs = 20_000 // a failover changes it, and what the last restore took
const pointsMax = 300 // five minutes
const actPatienceMs = 80_000 // a node may recover from a crash

export const nameOf = (link: LinkHealth): string => `${link.from} → ${link.to}`

export class ConsoleState {
  topology = $state.raw<Topology | null>(null)
  health = $state.raw<Health | null>(null)
  lab = $state.raw<Schemas['Lab'] | null>(null)
  // Why the last look failed; null while looks succeed.
  trouble = $state.raw<Error | null>(null)
  // What is being done: "geo-asia kill".
  busy = $state.raw<ReadonlySet<string>>(new Set())
  staleness = $state.raw<Lag>({ times: [], series: [] }) // seconds, of replicas
  behind = $state.raw<Lag>({ times: [], series: [] }) // bytes, of logical replication
  private timer: ReturnType<typeof setTimeout> | undefined
  private isStopped = false
  private topologyAt = 0

  constructor(private readonly api: Api) {}

  get isSignedOut(): boolean {
    return this.trouble instanceof Refused && this.trouble.status === 401
  }

  // Until stop().
  async start(): Promise<void> {
    this.isStopped = false
    await this.look()
  }

  stop(): void {
    this.isStopped = true
    clearTimeout(this.timer)
  }

  private async look(): Promise<void> {
    try {
      this.lab ??= (await this.api.get('/v1/lab')).data
      if (!document.hidden) {
        if (Date.now() - this.topologyAt > topologyEveryMs) {
          this.topology = await this.ask<Topology>('GET', '/v1/topology')
          this.topologyAt = Date.now()
        }
        this.take(await this.ask<Health>('GET', '/v1/topology/health'))
      }
      this.trouble = null
    } catch (caught) {
      this.trouble = caught as Error
    }
    if (!this.isStopped && !this.isSignedOut) this.timer = setTimeout(() => void this.look(), lookEveryMs)
  }

  isReachable(name: string): boolean {
    return this.health?.nodes.some((node) => node.name === name && node.is_reachable) ?? false
  }

  private take(health: Health): void {
    this.health = health
    const at = Date.parse(health.seen_at) / 1000
    const of = (kind: string, lag: (link: LinkHealth) => number | null) =>
      new Map(health.links.filter((link) => link.kind === kind).map((link) => [nameOf(link), lag(link)]))
    this.staleness = grown(this.staleness, at, of('streaming', (link) => link.staleness_s), pointsMax)
    this.behind = grown(this.behind, at, of('logical', (link) => link.behind_bytes), pointsMax)
  }

  async find(id: string): Promise<RowPlace[]> {
    return (await this.api.get('/v1/residency/{id}', { path: { id } })).data.items
  }

  actOnNode(name: string, action: NodeAction): Promise<void> {
    return this.act(`${name} ${action}`, `/v1/lab/nodes/${encodeURIComponent(name)}/${action}`)
  }

  // All of a region's nodes that it makes sense for. Starts take turns: each locks the topology.
  async actOnRegion(region: string, action: 'kill' | 'start'): Promise<void> {
    const nodes = this.health?.nodes.filter((node) => node.region === region && node.is_reachable === (action === 'kill')) ?? []
    for (const node of nodes) await this.actOnNode(node.name, action)
  }

  actOnLink(link: LinkHealth, action: LinkAction): Promise<void> {
    const ends = `${encodeURIComponent(link.from)}/${encodeURIComponent(link.to)}`
    return this.act(`${nameOf(link)} ${action}`, `/v1/lab/links/${ends}/${action}`)
  }

  private async act(what: string, target: string): Promise<void> {
    this.busy = new Set(this.busy).add(what)
    try {
      await this.ask<void>('POST', target, actPatienceMs)
    } finally {
      const left = new Set(this.busy)
      left.delete(what)
      this.busy = left
    }
  }

  // With the lab's token, which opens these without a session: the region that knows the session may be down just now.
  private async ask<T>(verb: string, target: string, patienceMs = 10_000): Promise<T> {
    const headers: Record<string, string> = this.lab?.token ? { 'Meridian-Lab-Token': this.lab.token } : {}
    return (await this.api.call<T>(verb, target, { patienceMs, headers })).data
  }
}

// Who people are, what they are up to, and whether they are here. Each is asked for once, several at a time.
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import type { Api } from '../api/client.ts'
import { listStatuses, type Status } from '../api/statuses.ts'
import type { Member, MemberProfile } from '../api/types.ts'

export interface Person {
  id: string
  full_name: string
  title: string
  time_zone: string
  region: string
}

const statusesAtOnce = 50

export class People {
  private readonly known = new SvelteMap<string, Person>()
  private readonly asked = new Set<string>()
  readonly statuses = new SvelteMap<string, Status>()
  private readonly statusesAsked = new Set<string>()
  private statusesWanted = new Set<string>()
  readonly online = new SvelteSet<string>()
  onWatch: (profileIds: string[]) => void = () => {}

  constructor(private readonly api: Api) {}

  // Fetches who is not known; until then there is nobody by that id.
  find(id: string): Person | undefined {
    const person = this.known.get(id)
    if (!person && !this.asked.has(id)) {
      this.asked.add(id)
      queueMicrotask(() => void this.fetch(id))
    }
    return person
  }

  nameOf(id: string): string {
    return this.find(id)?.full_name ?? '…'
  }

  all(): Person[] {
    return [...this.known.values()]
  }

  keep(person: MemberProfile | Person): void {
    this.asked.add(person.id)
    const { id, full_name, title, time_zone, region } = person
    this.known.set(id, { id, full_name, title, time_zone, region })
  }

  keepMembers(members: readonly Member[]): void {
    for (const member of members) if (member.profile) this.keep(member.profile)
    this.lookAt(members.map((member) => member.profile_id))
  }

  // Their statuses now, and whatever changes from then on.
  watch(ids: readonly string[]): void {
    const fresh = ids.filter((id) => !this.statusesAsked.has(id))
    if (fresh.length === 0) return
    for (const id of fresh) {
      this.statusesAsked.add(id)
      this.statusesWanted.add(id)
    }
    queueMicrotask(() => void this.fetchStatuses())
    this.onWatch(fresh)
  }

  // Their statuses as they are now: for who looks at them, where no live frame may have told.
  lookAt(ids: readonly string[]): void {
    this.watch(ids)
    for (const id of ids) this.statusesWanted.add(id)
    queueMicrotask(() => void this.fetchStatuses())
  }

  get watched(): string[] {
    return [...this.statusesAsked]
  }

  keepStatus(status: Status): void {
    const known = this.statuses.get(status.profile_id)
    if (!known || timeOf(known.set_at) <= timeOf(status.set_at)) this.statuses.set(status.profile_id, status)
  }

  // None for one that has expired.
  statusOf(id: string, now: number): Status | undefined {
    const status = this.statuses.get(id)
    return status && (!status.expires_at || Date.parse(status.expires_at) > now) ? status : undefined
  }

  // After an absence.
  refreshStatuses(): void {
    this.statusesWanted = new Set(this.statusesAsked)
    void this.fetchStatuses()
  }

  private async fetch(id: string): Promise<void> {
    try {
      this.keep((await this.api.get('/v1/profiles/{id}', { path: { id } })).data)
    } catch {
      setTimeout(() => this.asked.delete(id), 10_000) // perhaps his region answers later
    }
  }

  private async fetchStatuses(): Promise<void> {
    const wanted = [...this.statusesWanted]
    this.statusesWanted.clear()
    for (let start = 0; start < wanted.length; start += statusesAtOnce) {
      const some = wanted.slice(start, start + statusesAtOnce)
      try {
        for (const status of await listStatuses(this.api, some)) this.keepStatus(status)
      } catch {
        return // Status is tier 3: the messenger goes on without it
      }
    }
  }
}

function timeOf(time: string | null): number {
  return time === null ? 0 : Date.parse(time)
}

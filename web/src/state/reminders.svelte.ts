// One's reminders: those to come, and those that are due and not yet seen.
import { SvelteMap } from 'svelte/reactivity'
import type { Api } from '../api/client.ts'
import {
  completeReminder,
  createReminder,
  listReminders,
  removeReminder,
  snoozeReminder,
  type NewReminder,
  type Reminder,
} from '../api/reminders.ts'

export class Reminders {
  private readonly known = new SvelteMap<string, Reminder>()
  isLoaded = $state(false)
  isMissing = $state(false) // the process does not serve them, or their cluster does not answer
  stalenessMs = $state<number | null>(null)
  onDue: (reminder: Reminder) => void = () => {}
  // By id and time: a live frame may come twice, and behind the answer to `complete`.
  private readonly announced = new Set<string>()
  private readonly done = new Set<string>()

  constructor(private readonly api: Api) {}

  get scheduled(): Reminder[] {
    return this.inState('scheduled')
  }

  get due(): Reminder[] {
    return this.inState('due')
  }

  async refresh(): Promise<void> {
    try {
      const answer = await listReminders(this.api)
      const here = new Set(answer.data.items.map((each) => each.id))
      for (const id of this.known.keys()) if (!here.has(id)) this.known.delete(id)
      for (const each of answer.data.items) this.keep(each)
      this.stalenessMs = answer.stalenessMs
      this.isLoaded = true
      this.isMissing = false
    } catch {
      this.isMissing = true
    }
  }

  // From a list or a live frame; shown once, however often it is delivered.
  keep(reminder: Reminder): void {
    const occurrence = occurrenceOf(reminder)
    if (this.done.has(occurrence)) return
    this.known.set(reminder.id, reminder)
    if (reminder.state === 'due' && !this.announced.has(occurrence)) {
      this.announced.add(occurrence)
      this.onDue(reminder)
    }
  }

  async add(reminder: NewReminder): Promise<Reminder> {
    const made = await createReminder(this.api, reminder)
    this.keep(made)
    return made
  }

  async complete(id: string): Promise<void> {
    await completeReminder(this.api, id)
    this.end(id)
  }

  async snooze(id: string, minutes: number): Promise<void> {
    this.keep(await snoozeReminder(this.api, id, minutes))
  }

  async remove(id: string): Promise<void> {
    await removeReminder(this.api, id)
    this.end(id)
  }

  private end(id: string): void {
    const known = this.known.get(id)
    if (known) this.done.add(occurrenceOf(known))
    this.known.delete(id)
  }

  private inState(state: Reminder['state']): Reminder[] {
    return [...this.known.values()]
      .filter((each) => each.state === state)
      .sort((left, right) => Date.parse(left.notify_at) - Date.parse(right.notify_at))
  }
}

function occurrenceOf(reminder: Reminder): string {
  return `${reminder.id} ${reminder.notify_at}`
}

// The outbox in IndexedDB: one record for each message that is on its way.
import type { OutboxStorage, OutgoingMessage } from './outbox.ts'

const databaseName = 'meridian'
const version = 1
const outboxName = 'outbox'

export class IndexedOutbox implements OutboxStorage {
  private opening: Promise<IDBDatabase> | null = null

  constructor(private readonly factory: IDBFactory = indexedDB) {}

  async all(): Promise<OutgoingMessage[]> {
    return (await this.run('readonly', (store) => store.getAll())) as OutgoingMessage[]
  }

  async put(message: OutgoingMessage): Promise<void> {
    await this.run('readwrite', (store) => store.put({ ...message }))
  }

  async remove(clientMsgId: string): Promise<void> {
    await this.run('readwrite', (store) => store.delete(clientMsgId))
  }

  private open(): Promise<IDBDatabase> {
    this.opening ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = this.factory.open(databaseName, version)
      request.onupgradeneeded = () => request.result.createObjectStore(outboxName, { keyPath: 'client_msg_id' })
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error ?? new Error('IndexedDB does not open'))
    }).catch((caught: unknown) => {
      this.opening = null // perhaps it opens next time
      throw caught
    })
    return this.opening
  }

  // Ends when the browser has it, whatever becomes of the page. Waiting for the disk as well ('strict') would queue the
  // next ones behind seconds of a busy disk, and a reload loses what queues.
  private async run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const database = await this.open()
    return new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(outboxName, mode, { durability: 'relaxed' })
      const request = work(transaction.objectStore(outboxName))
      transaction.commit?.() // asked for together with the work: a page that is closed right now can't undo it
      transaction.oncomplete = () => resolve(request.result)
      transaction.onerror = () => reject(transaction.error ?? new Error('IndexedDB refuses'))
      transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB gave up'))
    })
  }
}

// The product over HTTP, typed by its OpenAPI document: a path, parameter or field that the document does not have is a
// compile error. The session is an HttpOnly cookie, so there is no token here to lose.
import type { components, paths } from './schema.gen.ts'

export type Schemas = components['schemas']

type Verb = 'get' | 'put' | 'post' | 'patch' | 'delete'
type PathsOf<V extends Verb> = {
  [P in keyof paths]: paths[P] extends { [K in V]: { responses: unknown } } ? P : never
}[keyof paths]
type Operation<V extends Verb, P extends PathsOf<V>> = paths[P] extends { [K in V]: infer O } ? O : never

type ContentOf<R> = R extends { content: { 'application/json': infer T } } ? T : void
type AnswerOf<O> = O extends { responses: infer R }
  ? R extends { 200: infer S }
    ? ContentOf<S>
    : R extends { 201: infer S }
      ? ContentOf<S>
      : void
  : never
type BodyOf<O> = O extends { requestBody?: { content: { 'application/json': infer T } } } ? T : never
type ParametersOf<O, In extends string> = O extends { parameters: { [K in In]?: infer T } } ? NonNullable<T> : never

export interface Ask<O> {
  path?: ParametersOf<O, 'path'>
  query?: ParametersOf<O, 'query'>
  body?: BodyOf<O>
  ifMatch?: string
  idempotencyKey?: string
  patienceMs?: number
  headers?: Record<string, string>
}

export interface Answer<T> {
  data: T
  status: number
  region: string | null // where the row rests
  missingRegions: string[] // of a list over several
  etag: string | null
  stalenessMs: number | null // of a read from a replica
}

// The server answered, and not with what was asked for.
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly type: string, // "not_found"
    readonly detail: string,
    readonly remedy: string,
    readonly field: string | null,
    readonly retryAfterS: number | null,
  ) {
    super(detail)
  }

  // Whether the same request may succeed later.
  get isPassing(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408
  }
}

// No answer came: no network, no server, or not in time.
export class Unreachable extends Error {}

const patienceMs = 12_000 // a request over an ocean to a region that is slow

export type Fetch = (target: string, init: RequestInit) => Promise<Response>

export class Api {
  // Called when the session has ended.
  onSignedOut: () => void = () => {}
  // The process that answered last: "europe/x7Yk".
  servedBy = ''

  constructor(private readonly fetch: Fetch = (target, init) => globalThis.fetch(target, init)) {}

  get<P extends PathsOf<'get'>>(path: P, ask: Ask<Operation<'get', P>> = {}) {
    return this.call<AnswerOf<Operation<'get', P>>>('GET', path, ask as Ask<unknown>)
  }
  post<P extends PathsOf<'post'>>(path: P, ask: Ask<Operation<'post', P>> = {}) {
    return this.call<AnswerOf<Operation<'post', P>>>('POST', path, ask as Ask<unknown>)
  }
  put<P extends PathsOf<'put'>>(path: P, ask: Ask<Operation<'put', P>> = {}) {
    return this.call<AnswerOf<Operation<'put', P>>>('PUT', path, ask as Ask<unknown>)
  }
  patch<P extends PathsOf<'patch'>>(path: P, ask: Ask<Operation<'patch', P>> = {}) {
    return this.call<AnswerOf<Operation<'patch', P>>>('PATCH', path, ask as Ask<unknown>)
  }
  delete<P extends PathsOf<'delete'>>(path: P, ask: Ask<Operation<'delete', P>> = {}) {
    return this.call<AnswerOf<Operation<'delete', P>>>('DELETE', path, ask as Ask<unknown>)
  }

  // Throws Refused or Unreachable.
  async call<T>(verb: string, pattern: string, ask: Ask<unknown>): Promise<Answer<T>> {
    const headers: Record<string, string> = { Accept: 'application/json', ...ask.headers }
    const init: RequestInit = { method: verb, headers, credentials: 'same-origin', cache: 'no-store' }
    if (ask.body !== undefined) {
      headers['Content-Type'] = 'application/json'
      init.body = JSON.stringify(ask.body)
    }
    if (ask.ifMatch) headers['If-Match'] = ask.ifMatch
    if (ask.idempotencyKey) headers['Idempotency-Key'] = ask.idempotencyKey
    init.signal = AbortSignal.timeout(ask.patienceMs ?? patienceMs)
    let response: Response
    let text: string
    try {
      response = await this.fetch(targetOf(pattern, ask), init)
      text = response.status === 204 ? '' : await response.text()
    } catch (caught) {
      throw new Unreachable(caught instanceof Error ? caught.message : 'no answer')
    }
    this.servedBy = response.headers.get('Meridian-Served-By') ?? this.servedBy
    if (!response.ok) throw this.refusalOf(response, text, pattern)
    const staleness = response.headers.get('Meridian-Staleness')
    return {
      data: (text === '' ? undefined : JSON.parse(text)) as T,
      status: response.status,
      region: response.headers.get('Meridian-Region'),
      missingRegions: (response.headers.get('Meridian-Missing-Regions') ?? '').split(/, */).filter(Boolean),
      etag: response.headers.get('ETag'),
      stalenessMs: staleness === null ? null : Number.parseFloat(staleness),
    }
  }

  private refusalOf(response: Response, text: string, pattern: string): Refused {
    let said: Partial<Schemas['Problem']> = {}
    try {
      said = JSON.parse(text) as Partial<Schemas['Problem']>
    } catch {
      // A proxy's own page: the status has to do.
    }
    if (response.status === 401 && pattern !== '/v1/sessions') this.onSignedOut()
    const retryAfter = Number.parseInt(response.headers.get('Retry-After') ?? '', 10)
    return new Refused(
      response.status,
      (said.type ?? '').split(':').pop() ?? '',
      said.detail ?? said.title ?? `HTTP ${response.status}`,
      said.remedy ?? '',
      said.field ?? null,
      Number.isNaN(retryAfter) ? null : retryAfter,
    )
  }
}

// "/v1/channels/{id}/messages" with its parameters in place. What is missing is a bug and throws.
export function targetOf(pattern: string, ask: Pick<Ask<unknown>, 'path' | 'query'>): string {
  const places = (ask.path ?? {}) as Record<string, unknown>
  const path = pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (places[name] === undefined) throw new Error(`${pattern} lacks ${name}`)
    return encodeURIComponent(String(places[name]))
  })
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries((ask.query ?? {}) as Record<string, unknown>)) {
    if (value !== undefined && value !== null) query.set(name, String(value))
  }
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

// All pages of a list, at most `itemsMax` items.
export async function allPages<T>(
  page: (cursor: string | undefined) => Promise<Answer<{ items: T[]; next_cursor: string | null }>>,
  itemsMax = 5000,
): Promise<{ items: T[]; missingRegions: string[] }> {
  const items: T[] = []
  const missing = new Set<string>()
  let cursor: string | undefined
  do {
    const answer = await page(cursor)
    items.push(...answer.data.items)
    for (const region of answer.missingRegions) missing.add(region)
    cursor = answer.data.next_cursor ?? undefined
  } while (cursor && items.length < itemsMax)
  return { items, missingRegions: [...missing] }
}

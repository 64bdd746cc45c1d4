// Which page the address bar names. The server answers these paths with the same page (src/serve/web_api.cpp).

export type Route =
  | { page: 'home' }
  | { page: 'sign-in' }
  | { page: 'channel'; id: string; seq: number | null }
  | { page: 'workspace'; id: string }
  | { page: 'join'; token: string }
  | { page: 'console' }

export function routeOf(path: string): Route {
  const [first = '', second = '', third = ''] = path.replace(/^\/+|\/+$/g, '').split('/')
  if (first === 'sign-in') return { page: 'sign-in' }
  if (first === 'console') return { page: 'console' }
  if (first === 'join' && second !== '') return { page: 'join', token: decodeURIComponent(second) }
  if (first === 'w' && /^\d+$/.test(second)) return { page: 'workspace', id: second }
  if (first === 'c' && /^\d+$/.test(second)) {
    return { page: 'channel', id: second, seq: /^\d{1,15}$/.test(third) ? Number(third) : null }
  }
  return { page: 'home' }
}

class Router {
  route = $state.raw<Route>(routeOf(location.pathname))
  visit = $state(0) // grows with every click on a link, also on the one that is open

  constructor() {
    addEventListener('popstate', () => this.read())
  }

  go(path: string, how: 'push' | 'replace' = 'push'): void {
    if (path !== location.pathname) history[how === 'push' ? 'pushState' : 'replaceState'](null, '', path)
    this.read()
  }

  private read(): void {
    this.route = routeOf(location.pathname)
    this.visit += 1
  }
}

export const router = new Router()

// For <a>: a plain click stays on the page; with a key held down it opens a tab as ever.
export function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
  const link = (event.currentTarget as HTMLAnchorElement).pathname
  event.preventDefault()
  router.go(link)
}

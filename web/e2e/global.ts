// One topology for all: the sample company on eight nodes, and a serving process for each region, of the program in
// MERIDIAN_PROGRAM. With MERIDIAN_E2E_DOORS (three addresses, apart by commas) those that run are used instead.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    doors: { americas: string; europe: string; asia: string }
    password: string
    program: string // "" where the topology is not ours
    topology: string
  }
}

const password = 'a walk around the world'

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))),
    ),
  )
  for (const server of servers) server.close()
  return ports
}

export default async function setup(project: TestProject): Promise<() => void> {
  project.provide('password', password)
  const running = process.env['MERIDIAN_E2E_DOORS']
  if (running) {
    const [americas = '', europe = '', asia = ''] = running.split(',')
    project.provide('doors', { americas, europe, asia })
    project.provide('program', '')
    project.provide('topology', '')
    return () => {}
  }
  const program = process.env['MERIDIAN_PROGRAM'] ?? '../build/dev/src/cli/meridian'
  const directory = mkdtempSync(join(tmpdir(), 'meridian-e2e-'))
  chmodSync(directory, 0o755) // nodes run as postgres where this runs as root
  cpSync('../config/countries.toml', join(directory, 'countries.toml'))
  const [sql = 0, http = 0, americas = 0, europe = 0, asia = 0, bus = 0, gateway = 0] = await freePorts(7)
  const text = readFileSync('../config/local.toml', 'utf8')
    .replace('name = "local"', 'name = "e2e"')
    .replace(/^sql_port = .*/m, `sql_port = ${sql}`)
    .replace(/^http_port = .*/m, `http_port = ${http}\nstate_directory = "${directory}/state"`)
    .replace('port = 8080', `port = ${americas}`)
    .replace('port = 8081', `port = ${europe}`)
    .replace('port = 8082', `port = ${asia}`)
    .replaceAll('port = 4222', `port = ${bus}`) // each region's is at an address of its own
    .replaceAll('gateway_port = 7222', `gateway_port = ${gateway}`)
  const topology = join(directory, 'topology.toml')
  writeFileSync(topology, text)
  const env = { ...process.env, MERIDIAN_SAMPLE_PASSWORD: password }
  const remove = () => {
    spawnSync(program, ['--topology', topology, 'down', '--erase', '--yes'], { env, stdio: 'ignore', timeout: 60_000 })
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    execFileSync(program, ['--topology', topology, 'up'], { env, timeout: 180_000, stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (caught) {
    remove()
    throw new Error(`up failed: ${String((caught as { stderr?: Buffer }).stderr ?? caught)}`)
  }
  const door = (port: number) => `http://127.0.0.1:${port}`
  project.provide('doors', { americas: door(americas), europe: door(europe), asia: door(asia) })
  project.provide('program', program)
  project.provide('topology', topology)
  return remove
}

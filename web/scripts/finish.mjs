// The last step of the build: holds the messenger's script against its budget, and compresses every file beforehand.
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = new URL('../../build/web/', import.meta.url).pathname
const budgetKb = 150 // of script, gzipped, on the messenger's route
const isCompressible = /\.(css|html|js|json|svg|txt|webmanifest)$/

const manifestPath = join(root, '.vite/manifest.json')
const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'))
rmSync(join(root, '.vite'), { recursive: true })

// The entry with all that it imports at once, and the messenger, which it loads when somebody is signed in.
function scriptsOf(name, found = new Set()) {
  const chunk = manifest[name]
  if (!chunk || found.has(chunk.file)) return found
  found.add(chunk.file)
  for (const each of chunk.imports ?? []) scriptsOf(each, found)
  return found
}
const scripts = new Set()
for (const [name, chunk] of Object.entries(manifest)) {
  if (chunk.isEntry || name.endsWith('view/Messenger.svelte')) scriptsOf(name, scripts)
}
const gzipped = (file) => gzipSync(readFileSync(join(root, file)), { level: 9 }).length
let bytes = 0
for (const file of scripts) if (file.endsWith('.js')) bytes += gzipped(file)
const kb = (bytes / 1000).toFixed(1)
if (bytes > budgetKb * 1000) {
  const parts = [...scripts].map((file) => `  ${file}: ${(gzipped(file) / 1000).toFixed(1)} KB`)
  console.error(`The messenger's script has ${kb} KB gzipped; its budget is ${budgetKb} KB:\n${parts.join('\n')}`)
  rmSync(join(root, 'index.html')) // a build that failed is not served
  process.exit(1)
}

let count = 0
for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name)
  if (!entry.isFile() || !isCompressible.test(path)) continue
  const content = readFileSync(path)
  const size = statSync(path).size
  const gzip = gzipSync(content, { level: 9 })
  const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: size } })
  // index.html.gz is always there: by it `meridian` knows a built directory from the sources.
  if (gzip.length < size || entry.name === 'index.html') writeFileSync(`${path}.gz`, gzip)
  if (brotli.length < gzip.length) writeFileSync(`${path}.br`, brotli)
  count += 1
}
console.log(`The messenger's script: ${kb} KB gzipped of ${budgetKb} KB; ${count} files compressed.`)

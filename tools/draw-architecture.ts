import { globSync, readFileSync } from 'node:fs'
import { factsOf, type SourceFacts } from '../test/unit/source-facts.ts'
import { withGeneratedPart } from './generated-part.ts'
import { markdownTable } from './markdown-table.ts'

/**
 * Draws who imports whom in a folder, so that the pictures of docs/architecture.md follow from the source. The rooms of a
 * folder are its folders and its own files.
 */

const ROOT = new URL('../', import.meta.url)

/** What the rooms of a drawn folder know, in a few words. A room without a line fails, and so does a line without a room. */
const KNOWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  src: {
    'main.ts': 'the program',
    commands: 'run, export and release',
    operator: 'puts the operator together',
    observability: 'logs, metrics, health server',
    kubernetes: 'API server: client, caches, events',
    twilio: "Twilio's API: requests, limits, errors",
    reconciler: 'one reconcile, and its ports',
    account: 'pure: snapshots, holds, what a key proves',
    sink: 'pure: states and the two tables',
    external: 'pure: marks, create attempts, claims, how a call to Twilio fails',
    api: 'the two kinds, conditions, CRDs',
    controller: 'work queue, workers, backoff',
    'leader-election': 'the Lease',
    options: 'flags and environment variables',
    network: 'HTTP proxies',
    time: 'clocks, deadlines, waiting',
    'version.ts': 'the version',
  },
  'src/reconciler': {
    'account-reconciler.ts': 'reconciles a TwilioAccount',
    'sink-reconciler.ts': 'reconciles a Sink',
    'unreadable-objects.ts': 'objects that this version cannot read',
    effects: 'the one change that a reconcile makes',
    account: 'polls an account, writes its conditions',
    observe: 'collects the facts into one observation',
    'context.ts': 'ports and memory as one value',
    memory: 'what the process remembers',
    'metadata-patch.ts': 'finalizer and journal as a patch',
    'ports.ts': 'what a reconcile needs from outside',
  },
}

/** Whether all that a room imports of another one is types, of which nothing is left at run time. */
type Imports = ReadonlyMap<string, { readonly onlyTypes: boolean }>
export type Rooms = ReadonlyMap<string, Imports>

/** docs/architecture.md, with its pictures between their marks. */
export function architecturePage(present: string): string {
  const sources = globSync('src/**/*.ts', { cwd: ROOT })
    .sort()
    .map((path) => factsOf(path, readFileSync(new URL(path, ROOT), 'utf8')))
  return Object.entries(KNOWN).reduce((page, [folder, known]) => {
    const marks = {
      begin: `<!-- folders of ${folder}: written by \`npm run generate\` from the imports -->`,
      end: `<!-- end of the folders of ${folder} -->`,
    }
    return withGeneratedPart(page, marks, drawn(roomsOf(folder, sources), known))
  }, present)
}

export function roomsOf(folder: string, sources: readonly SourceFacts[]): Rooms {
  const rooms = new Map<string, Map<string, { onlyTypes: boolean }>>()
  const roomOf = (path: string): string | undefined =>
    path.startsWith(`${folder}/`) ? path.slice(folder.length + 1).split('/')[0] : undefined
  for (const { path, imports } of sources) {
    const from = roomOf(path)
    if (from === undefined) continue
    const seen = rooms.get(from) ?? new Map<string, { onlyTypes: boolean }>()
    rooms.set(from, seen)
    for (const { target, isPackage, onlyTypes } of imports) {
      const to = isPackage ? undefined : roomOf(target)
      if (to === undefined || to === from) continue
      seen.set(to, { onlyTypes: onlyTypes && (seen.get(to)?.onlyTypes ?? true) })
    }
  }
  return rooms
}

/** How many rooms stand on top of each other below each room. */
export function floorsOf(rooms: Rooms): ReadonlyMap<string, number> {
  const floors = new Map<string, number>()
  const floorOf = (room: string, above: readonly string[]): number => {
    if (above.includes(room)) throw new Error(`rooms import each other: ${[...above, room].join(', ')}`)
    const known = floors.get(room)
    if (known !== undefined) return known
    const below = [...(rooms.get(room)?.keys() ?? [])].map((other) => floorOf(other, [...above, room]))
    const floor = 1 + Math.max(0, ...below)
    floors.set(room, floor)
    return floor
  }
  for (const room of rooms.keys()) floorOf(room, [])
  return floors
}

/**
 * Without the imports that follow from others: who imports a room may import what stands below it. What is used at run
 * time follows only from what is used at run time.
 */
export function mainImports(rooms: Rooms): Rooms {
  const leadsTo = (from: string, to: string, throughTypes: boolean): boolean =>
    [...(rooms.get(from) ?? [])].some(
      ([next, { onlyTypes }]) =>
        (throughTypes || !onlyTypes) && (next === to || leadsTo(next, to, throughTypes)),
    )
  return new Map(
    [...rooms].map(([room, imports]) => {
      const main = [...imports].filter(
        ([to, { onlyTypes }]) =>
          ![...imports].some(
            ([other, by]) => other !== to && (onlyTypes || !by.onlyTypes) && leadsTo(other, to, onlyTypes),
          ),
      )
      return [room, new Map(main)]
    }),
  )
}

function drawn(rooms: Rooms, known: Readonly<Record<string, string>>): string {
  const unknown = [...rooms.keys()].filter((room) => !(room in known))
  const over = Object.keys(known).filter((room) => !rooms.has(room))
  if (unknown.length > 0 || over.length > 0)
    throw new Error(`tools/draw-architecture.ts: describe ${unknown.join(', ')}; forget ${over.join(', ')}`)
  const floors = floorsOf(rooms)
  const ordered = Object.keys(known).sort((a, b) => (floors.get(b) ?? 0) - (floors.get(a) ?? 0))
  const arrows = ordered.flatMap((room) =>
    [...(mainImports(rooms).get(room) ?? [])].map(
      ([to, { onlyTypes }]) => `  ${idOf(room)} ${onlyTypes ? '-.->' : '-->'} ${idOf(to)}`,
    ),
  )
  const picture = [
    'flowchart TD',
    ...ordered.map((room) => `  ${idOf(room)}["<b>${room}</b><br/>${known[room] ?? ''}"]`),
    ...arrows.sort(),
  ]
  const rows = ordered.map((room) => [
    String(floors.get(room)),
    `\`${room}\``,
    known[room] ?? '',
    [...(rooms.get(room) ?? [])]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([to, { onlyTypes }]) => (onlyTypes ? `${to} (types)` : to))
      .join(', '),
  ])
  const table = markdownTable(['level', 'folder or file', 'knows', 'imports'], rows)
  return ['```mermaid', ...picture, '```', '', table].join('\n')
}

const idOf = (room: string): string => room.replaceAll(/\W/gu, '_')

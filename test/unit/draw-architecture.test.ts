import { expect, test } from 'vitest'
import { floorsOf, mainImports, roomsOf, type Rooms } from '../../tools/draw-architecture.ts'
import { factsOf } from './source-facts.ts'

/** A picture that shows too much is not read, and one that shows too little is believed. */

const roomsWith = (
  ...imports: readonly (readonly [from: string, to: string, onlyTypes?: boolean])[]
): Rooms => {
  const names = new Set(imports.flatMap(([from, to]) => [from, to]))
  return new Map(
    [...names].map((name) => [
      name,
      new Map(
        imports.flatMap(([from, to, onlyTypes = false]) => (from === name ? [[to, { onlyTypes }]] : [])),
      ),
    ]),
  )
}
const arrows = (rooms: Rooms): string[] =>
  [...rooms].flatMap(([from, imports]) => [...imports.keys()].map((to) => `${from} ${to}`))

test('a room is a folder with all that is in it, or a file beside the folders', () => {
  const rooms = roomsOf('src', [
    factsOf('src/main.ts', "import { a } from './sink/deep/a.ts'"),
    factsOf('src/sink/deep/a.ts', "import { b } from '../b.ts'\nimport { z } from 'zod'"),
    factsOf('src/sink/b.ts', "import type { C } from '../api/c.ts'"),
    factsOf('src/api/c.ts', ''),
    factsOf('test/d.ts', "import { b } from '../src/sink/b.ts'"),
  ])
  expect(arrows(rooms)).toEqual(['main.ts sink', 'sink api'])
  expect([...rooms.keys()]).toEqual(['main.ts', 'sink', 'api'])
  expect(rooms.get('sink')?.get('api')).toEqual({ onlyTypes: true })
})

test('one import that is left at run time is enough', () => {
  const text = "import type { C } from '../api/c.ts'\nimport { c } from '../api/c.ts'"
  const rooms = roomsOf('src', [factsOf('src/sink/b.ts', text)])
  expect(rooms.get('sink')?.get('api')).toEqual({ onlyTypes: false })
})

test('a room stands above all that it imports', () => {
  const floors = floorsOf(roomsWith(['main', 'sink'], ['sink', 'api'], ['main', 'time']))
  expect(Object.fromEntries(floors)).toEqual({ main: 3, sink: 2, api: 1, time: 1 })
})

test('rooms that import each other have no floor, and are named', () => {
  expect(() => floorsOf(roomsWith(['sink', 'api'], ['api', 'sink']))).toThrow('sink, api, sink')
})

test('an import that follows from others has no arrow', () => {
  const rooms = roomsWith(['main', 'sink'], ['sink', 'api'], ['main', 'api'])
  expect(arrows(mainImports(rooms))).toEqual(['main sink', 'sink api'])
})

test('what is used at run time does not follow from types', () => {
  const rooms = roomsWith(['main', 'sink'], ['sink', 'api', true], ['main', 'api'])
  expect(arrows(mainImports(rooms))).toEqual(['main sink', 'main api', 'sink api'])
})

test('types follow from everything', () => {
  const rooms = roomsWith(['main', 'sink'], ['sink', 'api'], ['main', 'api', true])
  expect(arrows(mainImports(rooms))).toEqual(['main sink', 'sink api'])
})

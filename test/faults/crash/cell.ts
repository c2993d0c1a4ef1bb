import type { Item } from './fault.ts'

/** One fault at one request of one scenario. */
export interface Cell {
  /** `SCENARIO/REQUEST/FAULT` */
  readonly id: string
  readonly scenario: string
  readonly item: Item
  readonly fault: string
}

export const itemName = ({ name, ordinal }: Item): string => `${name}#${ordinal}`

export const cellOf = (scenario: string, item: Item, fault: string): Cell => ({
  id: `${scenario}/${itemName(item)}/${fault}`,
  scenario,
  item,
  fault,
})

/** Undefined when `id` is none. */
export function parseCell(id: string): Cell | undefined {
  const found = /^(?<scenario>[^/]+)\/(?<name>[^/#]+)#(?<ordinal>\d+)\/(?<fault>[^/]+)$/u.exec(id)?.groups
  if (found === undefined) return undefined
  const { scenario = '', name = '', ordinal = '', fault = '' } = found
  return cellOf(scenario, { name, ordinal: Number(ordinal) }, fault)
}

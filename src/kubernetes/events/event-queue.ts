/**
 * What waits to be sent. Namespaces take turns; where there is no room, the one that has most gives way: whoever makes
 * events without end loses their own.
 */
export class EventQueue<T> {
  readonly #capacity: number
  /** By namespace, in the order of their turns; one without any is absent. */
  readonly #waiting = new Map<string, T[]>()
  #size = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Returns what found no room: this one, or the last one of the namespace that has most. */
  push(namespace: string, item: T): T | undefined {
    const items = this.#waiting.get(namespace) ?? []
    this.#waiting.set(namespace, items)
    items.push(item)
    this.#size += 1
    if (this.#size <= this.#capacity) return undefined
    const [most = items] = [...this.#waiting.values()].sort((a, b) => b.length - a.length)
    this.#size -= 1
    const lost = (most.length > items.length ? most : items).pop()
    if (items.length === 0) this.#waiting.delete(namespace)
    return lost
  }

  /** Takes the oldest one of the namespace whose turn it is. */
  shift(): T | undefined {
    const [turn] = this.#waiting
    if (turn === undefined) return undefined
    const [namespace, items] = turn
    const item = items.shift()
    this.#waiting.delete(namespace)
    if (items.length > 0) this.#waiting.set(namespace, items)
    if (item !== undefined) this.#size -= 1
    return item
  }
}

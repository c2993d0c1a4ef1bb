/** What waits in a queue. `group` decides whose turn it is. */
interface QueueItem {
  readonly key: string
  readonly group: string
}

/** Keys that wait, first come first served within a group, the groups in turn. */
class FairQueue<T extends QueueItem> {
  /** In the order of their turns; a group without items is absent. */
  readonly #groups = new Map<string, Map<string, T>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  push(item: T): void {
    const items = this.#groups.get(item.group) ?? new Map<string, T>()
    if (!items.has(item.key)) this.#size += 1
    items.set(item.key, item)
    this.#groups.set(item.group, items)
  }

  remove(item: T): void {
    const items = this.#groups.get(item.group)
    if (!items?.delete(item.key)) return
    this.#size -= 1
    if (items.size === 0) this.#groups.delete(item.group)
  }

  /** Takes the oldest item of the first group in turn that `admits` lets in. */
  take(admits: (group: string) => boolean): T | undefined {
    for (const [group, items] of this.#groups) {
      const [item] = items.values()
      if (item === undefined || !admits(group)) continue
      this.remove(item)
      // To the end of the turns; a group that was skipped keeps its place.
      if (this.#groups.delete(group)) this.#groups.set(group, items)
      return item
    }
    return undefined
  }
}

/** `high`: somebody changed something and waits for it. `low`: polls and what a restart finds. */
export type Priority = 'high' | 'low'

export interface QueuedKey extends QueueItem {
  readonly priority: Priority
  /** Monotonic milliseconds. */
  readonly since: number
}

/** After this many keys of high priority in a row a waiting key of low priority has its turn. */
const HIGH_IN_A_ROW = 7

/** Keys that wait for a worker: high before low, groups in turn. Each key is here once at most. */
export class PriorityQueue {
  readonly #queues: Readonly<Record<Priority, FairQueue<QueuedKey>>> = {
    high: new FairQueue(),
    low: new FairQueue(),
  }
  readonly #waiting = new Map<string, QueuedKey>()
  #highInARow = 0

  /** Returns whether the key is new here. A key that waits already can only rise in priority. */
  push(item: QueuedKey): boolean {
    const before = this.#waiting.get(item.key)
    if (before === undefined) this.#put(item)
    else this.#rise(before, item)
    return before === undefined
  }

  take(admits: (group: string) => boolean): QueuedKey | undefined {
    const turns: readonly Priority[] = this.#highInARow < HIGH_IN_A_ROW ? ['high', 'low'] : ['low', 'high']
    for (const priority of turns) {
      const item = this.#queues[priority].take(admits)
      if (item === undefined) continue
      this.#highInARow = priority === 'high' ? this.#highInARow + 1 : 0
      this.#waiting.delete(item.key)
      return item
    }
    return undefined
  }

  depth(): Readonly<Record<Priority, number>> {
    return { high: this.#queues.high.size, low: this.#queues.low.size }
  }

  #put(item: QueuedKey): void {
    this.#waiting.set(item.key, item)
    this.#queues[item.priority].push(item)
  }

  #rise(before: QueuedKey, { group, priority }: QueuedKey): void {
    if (higher(before.priority, priority) === before.priority) return
    this.#queues[before.priority].remove(before)
    this.#put({ ...before, group, priority })
  }
}

export const higher = (one: Priority | undefined, other: Priority): Priority => (one === 'high' ? one : other)

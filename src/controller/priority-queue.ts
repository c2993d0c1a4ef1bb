/** What waits in a queue. `group` decides whose turn it is. */
interface QueueItem {
  readonly key: string
  readonly group: string
}

/** Keys that wait, first come first served within a group, the groups in turn. */
interface FairQueue<T extends QueueItem> {
  push(item: T): void
  remove(item: T): void
  /** Takes the oldest item of the first group in turn that `admits` lets in. */
  take(admits: (group: string) => boolean): T | undefined
  readonly size: number
}

function createFairQueue<T extends QueueItem>(): FairQueue<T> {
  /** In the order of their turns; a group without items is absent. */
  const groups = new Map<string, Map<string, T>>()
  let size = 0

  const remove = (item: T): void => {
    const items = groups.get(item.group)
    if (!items?.delete(item.key)) return
    size -= 1
    if (items.size === 0) groups.delete(item.group)
  }

  return {
    push: (item) => {
      const items = groups.get(item.group) ?? new Map<string, T>()
      if (!items.has(item.key)) size += 1
      items.set(item.key, item)
      groups.set(item.group, items)
    },
    remove,
    take: (admits) => {
      for (const [group, items] of groups) {
        const [item] = items.values()
        if (item === undefined || !admits(group)) continue
        remove(item)
        // To the end of the turns; a group that was skipped keeps its place.
        if (groups.delete(group)) groups.set(group, items)
        return item
      }
      return undefined
    },
    get size() {
      return size
    },
  }
}

/** `high`: somebody changed something and waits for it. `low`: polls and what a restart finds. */
export type Priority = 'high' | 'low'

export interface QueuedKey extends QueueItem {
  readonly priority: Priority
  /** Monotonic milliseconds. */
  readonly since: number
}

/** Keys that wait for a worker: high before low, groups in turn. Each key is here once at most. */
export interface PriorityQueue {
  /** Returns whether the key is new here. A key that waits already can only rise in priority. */
  push(item: QueuedKey): boolean
  take(admits: (group: string) => boolean): QueuedKey | undefined
  depth(): Readonly<Record<Priority, number>>
}

/** After this many keys of high priority in a row a waiting key of low priority has its turn. */
const HIGH_IN_A_ROW = 7

export function createPriorityQueue(): PriorityQueue {
  const queues: Record<Priority, FairQueue<QueuedKey>> = { high: createFairQueue(), low: createFairQueue() }
  const waiting = new Map<string, QueuedKey>()
  let highInARow = 0

  const put = (item: QueuedKey): void => {
    waiting.set(item.key, item)
    queues[item.priority].push(item)
  }

  const rise = (before: QueuedKey, { group, priority }: QueuedKey): void => {
    if (higher(before.priority, priority) === before.priority) return
    queues[before.priority].remove(before)
    put({ ...before, group, priority })
  }

  return {
    push: (item) => {
      const before = waiting.get(item.key)
      if (before === undefined) put(item)
      else rise(before, item)
      return before === undefined
    },
    take: (admits) => {
      const turns: readonly Priority[] = highInARow < HIGH_IN_A_ROW ? ['high', 'low'] : ['low', 'high']
      for (const priority of turns) {
        const item = queues[priority].take(admits)
        if (item === undefined) continue
        highInARow = priority === 'high' ? highInARow + 1 : 0
        waiting.delete(item.key)
        return item
      }
      return undefined
    },
    depth: () => ({ high: queues.high.size, low: queues.low.size }),
  }
}

export const higher = (one: Priority | undefined, other: Priority): Priority => (one === 'high' ? one : other)

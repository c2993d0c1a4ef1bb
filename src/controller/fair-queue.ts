/** What waits in a queue. `group` decides whose turn it is. */
export interface QueueItem {
  readonly key: string
  readonly group: string
}

/** Keys that wait, first come first served within a group, the groups in turn. */
export interface FairQueue<T extends QueueItem> {
  push(item: T): void
  remove(item: T): void
  /** Takes the oldest item of the first group in turn that `admits` lets in. */
  take(admits: (group: string) => boolean): T | undefined
  readonly size: number
}

export function createFairQueue<T extends QueueItem>(): FairQueue<T> {
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

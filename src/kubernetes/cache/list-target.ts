import { decodeTrimmed, versionOf, type DecodedObject, type Parse } from './decode-object.ts'
import type { ListWatchTarget } from './list-watch.ts'
import type { ObjectCache } from './object-cache.ts'

/** Takes what a list-watch reads into a cache, decoded and trimmed. */
export function targetOf<T>(cache: ObjectCache<T>, parse: Parse<T>): ListWatchTarget {
  let listed: DecodedObject<T>[] = []
  return {
    listBegan: () => {
      listed = []
      cache.listBegan()
    },
    // Each page is trimmed before the next one comes: all of them together may be longer than the memory.
    listedPage: (objects) => {
      for (const object of objects) {
        const seen = decodeTrimmed(object, parse)
        if (seen !== undefined) listed.push(seen)
      }
    },
    listed: (version) => {
      cache.replace(listed, versionOf(version))
      listed = []
    },
    changed: (type, object) => {
      const seen = decodeTrimmed(object, parse)
      if (seen !== undefined) cache.observe(type, seen)
      return seen !== undefined
    },
  }
}

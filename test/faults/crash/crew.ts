import { join } from 'node:path'
import { until } from '../../rigs/until.ts'
import { logEnds, type LogEnds } from './evidence.ts'
import { openLane, type Lane, type LaneOptions } from './lane.ts'
import { play, tidyUp, type Play, type Played } from './play.ts'

/** Plays one scenario after the other in a lane, and in a new one after a run that left it in disorder. */
export interface Crew {
  play(order: Omit<Play, 'lane' | 'lasting' | 'name'>): Promise<Played & { readonly ends: LogEnds }>
  end(): Promise<void>
}

interface Place {
  readonly lane: Lane
  readonly lasting: ReadonlySet<string>
}

/** A mark of an installation that is not this one, for an object that does not exist here. */
const OTHER_MARK = '[k8s:ssxuc7/mrhxxdhvvstk/1]'

export function createCrew(options: LaneOptions): Crew {
  let place: Place | undefined
  let runs = 0

  const leave = async (): Promise<void> => {
    const { lane } = place ?? {}
    place = undefined
    await lane?.end()
  }

  return {
    play: async (order) => {
      try {
        place ??= await settle(options)
        runs += 1
        const { lane, lasting } = place
        const ends = logEnds(lane.replicas.map(({ logPath }) => logPath))
        const played = await play({ ...order, lane, lasting, name: `run-${String(runs).padStart(5, '0')}` })
        if (!isClean(played) || !(await isTidied(place))) await leave()
        return { ...played, ends }
      } catch (error) {
        await leave()
        throw error
      }
    },
    end: leave,
  }
}

const isTidied = ({ lane, lasting }: Place): Promise<boolean> =>
  tidyUp(lane, lasting).then(
    () => true,
    () => false,
  )

const isClean = ({ duplicates, leaks, wrongDeletions, others }: Played): boolean =>
  duplicates + leaks + wrongDeletions + others.length === 0

async function settle(options: LaneOptions): Promise<Place> {
  const lane = await openLane({ ...options, folder: join(options.folder, 'lanes') })
  const marked = await lane.person.makeSink(`Orders ${OTHER_MARK}`, 'https://orders.example.com/events')
  const plain = await lane.person.makeSink('Made by hand', 'https://hand.example.com/events')
  await until('a first look at Twilio', () =>
    lane.replicas.some(({ proxy }) => proxy.log().some(({ name }) => name === 'twilio:LIST:Sinks')),
  )
  return { lane, lasting: new Set([marked, plain]) }
}

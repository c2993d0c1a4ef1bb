import { dirname, delimiter } from 'node:path'
import { condition } from '../../rigs/sink-object.ts'
import { findPrograms } from '../../rigs/control-plane/binaries.ts'
import { helmHome } from '../../rigs/control-plane/helm.ts'
import type { WatchedObject } from '../gitops/object-watch.ts'
import { openSite, type Site } from '../install/site.ts'
import { createClock, type TurnableClock } from './clock.ts'
import { begin, type ShellCommand } from './shell-command.ts'
import type { HourSample } from './truths.ts'
import { createWatcher, type Watcher } from './watcher.ts'

/** One thing that a person does. */
export interface HourStep {
  /** Seconds that it may take, from the command to its end. */
  readonly within: number
  /** Commands as people type them; or something else that is done. */
  readonly does?: string | (() => Promise<unknown>)
  /** By then it has ended; without it, when the commands have. */
  readonly until?: (world: HourSample) => boolean
  /** Commands that wait for something else than the operator, and so in the time of the room. */
  readonly inRoomTime?: boolean
  /** Who must say meanwhile what is waited for, and until when. */
  readonly says?: string
}

export interface HourRow {
  readonly kind: string
  readonly step: string
  readonly within: number
  readonly taken: number | undefined
}

/** A cluster without anything in it, a Twilio, and people with an hour to spend. */
export interface Hour {
  readonly site: Site
  readonly clock: TurnableClock
  readonly watcher: Watcher
  /** By user name, for `watcher`. */
  readonly passwords: Map<string, string>
  /** Of everybody's shell. */
  readonly env: NodeJS.ProcessEnv
  readonly rows: readonly HourRow[]
  /** Resolves with what the commands have printed. */
  step(kind: string, name: string, step: HourStep): Promise<string>
  /** Commands of no interest. */
  shell(commands: string): Promise<string>
  end(): Promise<void>
}

/** For how long of the room's time nothing must have happened before a clock is turned; milliseconds. */
const IDLE = 400
/** A command that waits for the API server does nothing, either, and the first look at new kinds takes that a while. */
const COMMAND_IDLE = 4_000

export async function openHour(): Promise<Hour> {
  const clock = await createClock()
  const site = await openSite(clock.flags)
  const passwords = new Map<string, string>()
  const watcher = createWatcher({ site, clock, passwords })
  const env = await environmentOf(site)
  const rows: HourRow[] = []

  const step: Hour['step'] = async (kind, name, given) => {
    const began = clock.seconds()
    try {
      const printed = await new Walk({ clock, watcher, env, name, given }).toItsEnd()
      rows.push({ kind, step: name, within: given.within, taken: clock.seconds() - began })
      return printed
    } catch (error) {
      rows.push({ kind, step: name, within: given.within, taken: undefined })
      throw error
    }
  }
  return {
    site,
    clock,
    watcher,
    passwords,
    env,
    rows,
    step,
    shell: async (commands) => {
      const command = begin(commands, env)
      await command.ended
      return command.printed()
    },
    end: async () => {
      watcher.end()
      await site.end().finally(() => clock.end())
    },
  }
}

interface Walking {
  readonly clock: TurnableClock
  readonly watcher: Watcher
  readonly env: NodeJS.ProcessEnv
  readonly name: string
  readonly given: HourStep
}

/** From the beginning of a step to its end: the clock is turned while nobody has anything to do. */
class Walk {
  readonly #parts: Walking
  readonly #began: number
  readonly #beganInRoom = performance.now()

  constructor(parts: Walking) {
    this.#parts = parts
    this.#began = parts.clock.seconds()
  }

  async toItsEnd(): Promise<string> {
    const { given, env, watcher } = this.#parts
    const command = typeof given.does === 'string' ? begin(given.does, env) : undefined
    const doing: { ended: boolean; error?: Error } = { ended: false }
    const work = typeof given.does === 'function' ? given.does() : (command?.ended ?? Promise.resolve())
    work
      .catch((error: unknown) => (doing.error = error instanceof Error ? error : new Error(String(error))))
      .finally(() => (doing.ended = true))
    try {
      for (;;) {
        const world = await watcher.look()
        if (doing.error !== undefined) throw doing.error
        if (doing.ended && (given.until?.(world) ?? true)) return command?.printed() ?? ''
        this.#askWhatIsSaid(world)
        await this.#goOn(world, doing.ended, command)
      }
    } finally {
      command?.kill()
    }
  }

  /** Seconds so far. */
  get #taken(): number {
    return this.#parts.clock.seconds() - this.#began
  }

  async #goOn(world: HourSample, ended: boolean, command: ShellCommand | undefined): Promise<void> {
    const { given, clock, name } = this.#parts
    const isPatient = given.inRoomTime === true && !ended
    if (!isPatient && this.#taken > given.within) throw new Error(`${name}: ${this.#told(world)}`)
    // On a busy machine a command needs a while to do its own work: that is no time that the operator takes.
    const isWorking = !ended && command !== undefined && command.idleFor() < COMMAND_IDLE
    const inRoom = performance.now() - this.#beganInRoom
    const isBusy = inRoom < IDLE || (await clock.idleFor()) < IDLE
    if (isPatient || isWorking || (isBusy && this.#taken < 5))
      await new Promise((resolve) => setTimeout(resolve, 40))
    // What takes minutes is not looked at second by second.
    else await clock.turn(given.within > 100 ? 5 : 1)
  }

  #told(world: HourSample): string {
    const objects = [...world.sinks.values(), ...world.accounts.values()]
    const told = objects.map((object) => `${object.metadata.name} says ${sayingsOf(object).join(' | ')}`)
    return [`not done within ${this.#parts.given.within} s`, ...told].join('\n')
  }

  /** A person who waits for longer than a moment has been told what for, and how long it takes at most. */
  #askWhatIsSaid(world: HourSample): void {
    const { says } = this.#parts.given
    if (says === undefined || this.#taken < 8) return
    const object = world.sinks.get(says) ?? world.accounts.get(says)
    const said = object === undefined ? [] : sayingsOf(object)
    if (said.some((words) => words.startsWith('Ready True'))) return
    if (!said.some((words) => UNTIL_WHEN.test(words)))
      throw new Error(`${says} does not say until when it waits: ${said.join(' | ')}`)
  }
}

const UNTIL_WHEN = /\b\d+ s\b|\d\d:\d\d:\d\dZ|every few seconds|with each poll/u

const sayingsOf = (object: WatchedObject): string[] =>
  ['Ready', 'Reconciling', 'DeletionBlocked', 'ChangesHeld'].flatMap((type) => {
    const said = condition(object, type)
    return said === undefined ? [] : [`${type} ${said.status} ${said.reason}: ${said.message}`]
  })

async function environmentOf({ cluster }: Site): Promise<NodeJS.ProcessEnv> {
  const folders = [dirname(cluster.kubectlPath), await findPrograms(['helm'])]
  return {
    ...process.env,
    ...helmHome(cluster.folder),
    KUBECONFIG: cluster.kubeconfigPath,
    KUBECACHEDIR: `${cluster.folder}/kubectl-cache`,
    PATH: [...folders, process.env['PATH'] ?? ''].join(delimiter),
  }
}

/** What a run prints at its end. */
export function hourTable(rows: readonly HourRow[]): string {
  const cells = rows.map(({ kind, step, within, taken }) => [
    kind,
    step,
    `${within} s`,
    taken === undefined ? 'NOT DONE' : `${taken.toFixed(1)} s`,
  ])
  const lines = [['credential', 'step', 'may take', 'has taken'], ...cells]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n')
}

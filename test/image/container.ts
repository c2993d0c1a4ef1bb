import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { ImageConfig } from './buildah.ts'
import { run } from './program.ts'

export interface PodLike {
  /** Folder with the files of the image. */
  readonly root: string
  readonly config: ImageConfig
  /** Read-only: path here to path in the container. */
  readonly mounts: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
}

/** Runs the entry point of an image with runc, one container at a time, as a restricted pod does. */
export interface RuncContainer {
  /** A process that has the output and exit code of the one inside, and hands SIGTERM on to it. */
  readonly start: (args: readonly string[]) => Promise<ChildProcessByStdio<null, Readable, Readable>>
  /** Of the process inside, as this machine knows it. */
  pid(): Promise<number>
  /** Ends whatever runs. */
  end(): Promise<void>
}

/** Of this machine's containers, so that two runs of the tests do not meet. */
const ID = `twilio-sink-operator-${process.pid}`

export function containerIn(folder: string, pod: PodLike): RuncContainer {
  const runc = ['--root', join(folder, 'runc')]
  return {
    start: async (args) => {
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'config.json'), JSON.stringify(runtimeConfig(pod, args)))
      return spawn('runc', [...runc, 'run', '--bundle', folder, ID], { stdio: ['ignore', 'pipe', 'pipe'] })
    },
    pid: async () => (JSON.parse(await run('runc', ...runc, 'state', ID)) as { readonly pid: number }).pid,
    end: async () => {
      await run('runc', ...runc, 'delete', '--force', ID)
    },
  }
}

/** https://github.com/opencontainers/runtime-spec/blob/main/config.md. The network is the machine's: loopback. */
function runtimeConfig({ root, config, mounts, env }: PodLike, args: readonly string[]): unknown {
  const [uid, gid] = config.User.split(':').map(Number)
  return {
    ociVersion: '1.0.2',
    root: { path: root, readonly: true },
    hostname: 'operator-0',
    process: {
      user: { uid, gid },
      cwd: config.WorkingDir === '' ? '/' : config.WorkingDir,
      args: [...config.Entrypoint, ...args],
      env: [...config.Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
      capabilities: {},
      noNewPrivileges: true,
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
      ...Object.entries(mounts).map(([source, destination]) => ({
        destination,
        type: 'bind',
        source,
        options: ['rbind', 'ro', 'nosuid', 'nodev', 'noexec'],
      })),
    ],
    linux: { namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })) },
  }
}

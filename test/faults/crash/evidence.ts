import { closeSync, mkdirSync, openSync, readSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SeenExchange } from './play.ts'

/** Where a log ends now, so that later the part after it can be kept. */
export type LogEnds = ReadonlyMap<string, number>

export const logEnds = (paths: readonly string[]): LogEnds =>
  new Map(paths.map((path) => [path, statSync(path, { throwIfNoEntry: false })?.size ?? 0]))

/** Keeps what a person needs to understand one run; returns the folder. */
export function keepEvidence(
  folder: string,
  run: { readonly exchanges: readonly SeenExchange[]; readonly ends: LogEnds; readonly findings: unknown },
): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'findings.json'), JSON.stringify(run.findings, undefined, 2))
  writeFileSync(join(folder, 'requests.txt'), run.exchanges.map(told).join('\n'))
  for (const [index, [path, from]] of [...run.ends].entries())
    writeFileSync(join(folder, `operator-${index}.log`), readFrom(path, from))
  return folder
}

function told({
  replica,
  at,
  name,
  path,
  status,
  upstreamStatus,
  forwarded,
  struckBy,
  body,
}: SeenExchange): string {
  const fate = `${forwarded ? (upstreamStatus ?? 'sent') : 'not sent'} ${status ?? 'unanswered'}`
  return `${at.toFixed(0)} ${replica} ${name} ${path} ${fate}${struckBy === undefined ? '' : ` << ${struckBy}`} ${body}`
}

function readFrom(path: string, from: number): Buffer {
  const { size } = statSync(path)
  const buffer = Buffer.alloc(Math.max(0, size - from))
  const file = openSync(path, 'r')
  readSync(file, buffer, 0, buffer.length, from)
  closeSync(file)
  return buffer
}

import { spawn } from 'node:child_process'
import { Socket } from 'node:net'

/**
 * Waits for the end of its standard input, which is the death of the owner however it came about; then ends the
 * children noted in the folder, unless their id belongs to somebody else by now, and removes the folder.
 */
const GUARD = `
while read -r _; do :; done
[ -d "$1" ] || exit 0
while read -r pid; do
  { cat "/proc/$pid/cmdline" 2>/dev/null || ps -p "$pid" -o args=; } | grep -aqF "$1" && kill -9 "$pid"
done < "$1/$2"
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
`

/** Starts a small process that cleans up after this one, should it be killed; returns how to end it. */
export function guardRunFolder(path: string, childrenFile: string): () => void {
  // In a process group of its own: what ends the owner's group must not end its guard.
  const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', path, childrenFile], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Without a guard the next start cleans up.
  guard.on('error', () => undefined)
  guard.unref()
  guard.stdin.on('error', () => undefined)
  if (guard.stdin instanceof Socket) guard.stdin.unref()
  return () => guard.kill('SIGKILL')
}

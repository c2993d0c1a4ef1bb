/** The path as one word of a POSIX shell; what a program would take for a flag, or for standard input, stays a path. */
export function shellPath(path: string): string {
  const plain = path.startsWith('-') ? `./${path}` : path
  return /^[\w./:@%+=,-]+$/u.test(plain) ? plain : `'${plain.replaceAll("'", String.raw`'\''`)}'`
}

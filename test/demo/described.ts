/** Of `kubectl describe`: the condition of this type, and the events. */
export function excerpt(description: string, conditionType: string): string {
  const lines = description.split('\n')
  return ['Conditions:', ...conditionLines(lines, conditionType), ...eventLines(lines)].join('\n')
}

/** kubectl prints the members of a condition in the order of the alphabet, so each begins with the time. */
function conditionLines(lines: readonly string[], type: string): readonly string[] {
  const isStart = (line: string): boolean => /^\s+Last Transition Time:/u.test(line)
  const starts = lines.flatMap((line, index) => (isStart(line) ? [index] : []))
  const end = lines.findIndex((line) => isTypeLine(line, type))
  const start = starts.findLast((index) => index < end)
  return start === undefined ? [] : lines.slice(start, end + 1)
}

const isTypeLine = (line: string, type: string): boolean =>
  new RegExp(`^\\s+Type:\\s+${type}$`, 'u').test(line)

function eventLines(lines: readonly string[]): readonly string[] {
  const start = lines.findIndex((line) => line.startsWith('Events:'))
  return start === -1 ? [] : lines.slice(start).filter((line) => line.trim() !== '')
}

/** What a person has written as `events.twilio.com/allow-mass-change`. */
export type ApprovalTime =
  | { readonly kind: 'none' }
  /** Wall clock, milliseconds since the epoch. */
  | { readonly kind: 'time'; readonly at: number }
  /** Not a time as RFC 3339 has it: it approves nothing. */
  | { readonly kind: 'unreadable' }

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/u

/** A whole RFC 3339 time with its offset, as `date -u +%Y-%m-%dT%H:%M:%SZ` prints it; a date alone could mean any hour. */
export function readApprovalTime(annotation: string | undefined): ApprovalTime {
  const text = annotation?.trim() ?? ''
  if (text === '') return { kind: 'none' }
  const [, year, month, day] = RFC3339.exec(text) ?? []
  if (day === undefined || !isDay(Number(year), Number(month), Number(day))) return { kind: 'unreadable' }
  return { kind: 'time', at: Date.parse(text.toUpperCase()) }
}

/** JavaScript reads 30 February as 2 March. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

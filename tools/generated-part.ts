/** The page `present`, with `content` between its two marks. */
export function withGeneratedPart(
  present: string,
  { begin, end }: { readonly begin: string; readonly end: string },
  content: string,
): string {
  const [before, rest = ''] = present.split(begin)
  const [, after] = rest.split(end)
  if (before === undefined || after === undefined) throw new Error(`a page has lost ${begin} or ${end}`)
  return `${before}${begin}\n\n${content}\n\n${end}${after}`
}

/** What keepachangelog.com allows; Artifact Hub knows the same words in lower case. */
const KINDS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'] as const

export interface Section {
  /** Of the release, as `2026-12-24`; undefined while nobody has set it. */
  readonly date: string | undefined
  /** Markdown below the heading. */
  readonly text: string
}

/** What CHANGELOG.md says of a version, or of `Unreleased`; undefined if it has no such heading. */
export function sectionOf(changelog: string, version: string): Section | undefined {
  const sections = changelog.split(/^## /mu).slice(1)
  for (const section of sections) {
    const [heading = '', ...lines] = section.split('\n')
    const found = /^\[(?<version>[^\]]+)\](?: - (?<date>\d{4}-\d\d-\d\d))?$/u.exec(heading.trim())?.groups
    if (found?.['version'] === version) return { date: found['date'], text: lines.join('\n').trim() }
  }
  return undefined
}

export interface Change {
  readonly kind: string
  readonly description: string
}

/** Each line of a section with the heading that it stands under, for `artifacthub.io/changes`. */
export function changesOf(text: string): Change[] {
  const known = new Set<string>(KINDS)
  return text.split(/^### /mu).flatMap((part) => {
    const [kind = '', ...lines] = part.split('\n')
    if (!known.has(kind.trim())) return []
    return lines
      .filter((line) => line.startsWith('- '))
      .map((line) => ({ kind: kind.trim().toLowerCase(), description: plain(line.slice(2)) }))
  })
}

/** Artifact Hub shows a change as plain text. */
const plain = (markdown: string): string =>
  markdown
    .replace(/\[(?<text>[^\]]*)\]\([^)]*\)/gu, '$<text>')
    .replaceAll('`', '')
    .trim()

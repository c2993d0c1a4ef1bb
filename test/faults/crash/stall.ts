/** Watches how long this process, in which Twilio's simulator and the proxies live, does not get to work. */
export interface StallWatch {
  /** The longest stall until now; milliseconds. */
  end(): number
}

const EVERY_MS = 50

export function watchStalls(): StallWatch {
  let last = performance.now()
  let longest = 0
  const look = (): void => {
    const now = performance.now()
    longest = Math.max(longest, now - last - EVERY_MS)
    last = now
  }
  const timer = setInterval(look, EVERY_MS)
  return {
    end: () => {
      clearInterval(timer)
      look()
      return Math.max(0, Math.round(longest))
    },
  }
}

import { eventually } from '../../rigs/until.ts'
import { runWidgetStore } from './widget-store.ts'

// Fills a cache from the server that is named, and prints how many megabytes of memory that took at most.
const [url = ''] = process.argv.slice(2)
const running = runWidgetStore(url)
await eventually(() => running.store.hasSynced())
await running.stop()
process.stdout.write(String(process.resourceUsage().maxRSS / 1024))

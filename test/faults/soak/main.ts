import { soak } from './soak.ts'
import { readSoakOptions } from './soak-options.ts'

/** `npm run test:soak -- --minutes 30 [--rate 4] [--seed N] [--neighbours 200]`: exit code 0 when all is good, 1 when not, 2 for a wrong option. */
try {
  const options = readSoakOptions(process.argv.slice(2), Date.now() % 1_000_000)
  process.exitCode = (await soak(options, (text) => console.log(text))) ? 0 : 1
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = error instanceof Error && error.message.startsWith('--') ? 2 : 1
}

import { join } from 'node:path'
import { findPrograms } from './binaries.ts'
import { etcd } from './etcd.ts'
import { freePort } from './free-port.ts'
import { createRunFolder } from './run-folder.ts'

/** A process that does nothing but own a folder and an etcd, for the tests that end it in unfriendly ways. */
const run = createRunFolder()
const program = etcd({
  path: join(await findPrograms(['etcd']), 'etcd'),
  run,
  logPath: join(run.path, 'etcd.log'),
  port: await freePort(),
  peerPort: await freePort(),
  dataDir: () => join(run.path, 'etcd-data'),
})
await program.start()
process.stdout.write('started\n')
setInterval(() => undefined, 60_000)

import { expect, test } from 'vitest'
import { sharedCluster } from './shared-cluster.ts'
test('the pinned version answers', async () => {
  const { stdout } = await sharedCluster().kubectl(['version'])
  expect(stdout).toMatch(/Server Version: v1\.37\./)
})

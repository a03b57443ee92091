// A merchant's test that starts the simulator by itself, with Testcontainers for Node.js and its own test runner.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { GenericContainer, Wait } from 'testcontainers';

const adminToken = 'for-tests-only-change-me';
let mozartosim;

before(async () => {
  mozartosim = await new GenericContainer('mozartosim')
    .withExposedPorts(8080, 8081)
    .withExtraHosts([{ host: 'host.docker.internal', ipAddress: 'host-gateway' }]) // where the merchant's own webhook handler listens
    .withEnvironment({
      MOZARTOSIM_ADMIN_TOKEN: adminToken,
      MOZARTOSIM_CLOCK: 'manual',
      MOZARTOSIM_WEBHOOK_URL: 'http://host.docker.internal:3000/webhooks/mozarto',
    })
    .withWaitStrategy(Wait.forHttp('/readyz', 8081))
    .start();
});

after(() => mozartosim?.stop());

test('payments are there', async () => {
  const admin = `http://${mozartosim.getHost()}:${mozartosim.getMappedPort(8081)}`;
  const answer = await fetch(`${admin}/v1/payments`, { headers: { authorization: `Bearer ${adminToken}` } });
  assert.equal(answer.status, 200);
});

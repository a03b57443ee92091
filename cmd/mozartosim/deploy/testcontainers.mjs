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
  await admin('PUT', 'public-url', { url: at(8080) }); // it can't see at which port it is mapped
});

after(() => mozartosim?.stop());

const at = (port) => `http://${mozartosim.getHost()}:${mozartosim.getMappedPort(port)}`;

async function admin(method, path, body) {
  const answer = await fetch(`${at(8081)}/v1/${path}`, {
    method, headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }, body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200);
  return answer.json();
}

test('your system is told where to call', async () => {
  const { url, company, user } = await admin('POST', 'companies/demo/tokens', {});
  const answer = await fetch(url, {
    method: 'POST', body: JSON.stringify({ pspType: 'TRUST', type: 'PAYIN', baseamount: 12.5, currency: 'GBP', userId: 52211 }),
    headers: { authorization: `Bearer ${company}`, 'x-user-token': `Bearer ${user}`, 'content-type': 'application/json' },
  });
  assert.equal((await answer.json()).data.paymentUrl.startsWith(at(8080)), true);
});

// Writes calls-NAME-VERSION.ts, a program for .ci/clients: each example of a published document as the type that openapi-typescript made
// of its place, where a number must not fit instead, and a call of each operation with each example of its body.
import { readFileSync, writeFileSync } from 'node:fs';

const [name, version] = process.argv.slice(2);
const doc = JSON.parse(readFileSync(`${name}-${version}.json`, 'utf8'));
const at = (node) => (node?.$ref ? at(node.$ref.slice(2).split('/').reduce((n, key) => n[key], doc)) : node);
const examples = (media) => Object.values(media.examples ?? {}).map((example) => at(example).value);
const values = [];
const calls = [];
const deletions = []; // called last, what is inside of a company before the company

function typed(type, value) {
  values.push(`export const v${values.length}: ${type} = ${JSON.stringify(value)};`);
  if (typeof value === 'object') values.push(`// @ts-expect-error\nexport const v${values.length}: ${type} = 7;`);
}

// required is a value for each required parameter of an operation, where it is in.
function required(parameters) {
  const params = {};
  for (const parameter of parameters.map(at)) {
    const schema = at(parameter.schema);
    const value = parameter.example ?? examples(parameter)[0] ?? schema.example ?? schema.examples?.[0] ?? schema.enum?.[0] ?? 'demo';
    if (parameter.required) (params[parameter.in] ??= {})[parameter.name] = value;
  }
  return params;
}

for (const [path, item] of Object.entries(doc.paths)) {
  for (const [method, operation] of Object.entries(item)) {
    if (!operation.operationId) continue;
    const type = `operations['${operation.operationId}']`;
    const statuses = Object.keys(operation.responses);
    for (const [status, answer] of Object.entries(operation.responses)) {
      for (const [kind, media] of Object.entries(at(answer).content ?? {})) {
        for (const value of examples(media)) typed(`${type}['responses'][${status === 'default' ? `'${status}'` : status}]['content']['${kind}']`, value);
      }
    }
    const bodies = [];
    for (const [kind, media] of Object.entries(at(operation.requestBody)?.content ?? {})) {
      for (const value of examples(media)) {
        typed(`NonNullable<${type}['requestBody']>['content']['${kind}']`, value);
        bodies.push(value);
      }
    }
    const params = required([...(item.parameters ?? []), ...(operation.parameters ?? [])]);
    for (const body of bodies.length > 0 ? bodies : [undefined]) {
      const how = JSON.stringify({ params, body, parseAs: 'stream' });
      (method === 'delete' ? deletions : calls).push(`listed('${method} ${path}', ${JSON.stringify(statuses)}, await client.${method.toUpperCase()}('${path}', ${how}));`);
    }
  }
}
calls.push(...deletions.reverse());
if (calls.length === 0 || values.length === 0) throw new Error(`${name} ${version}: ${calls.length} calls, ${values.length} values`);
writeFileSync(`calls-${name}-${version}.ts`, `import createClient from 'openapi-fetch';
import type { operations, paths } from './${name}-${version}.js';

declare const process: { argv: string[]; exitCode: number };
${values.join('\n')}

const [url, company, user] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: url, headers: company ? { Authorization: 'Bearer ' + company, 'x-user-token': 'Bearer ' + user } : {} });
const count: Record<number, number> = {};
async function listed(call: string, statuses: string[], { response }: { response: Response }) {
  count[response.status] = (count[response.status] ?? 0) + 1;
  if (!statuses.includes(String(response.status))) {
    console.error(call + ' is answered ' + response.status + ', which the document does not list');
    process.exitCode = 1;
  }
  if (response.ok) await response.body?.cancel(); // events don't end by themselves; the client has read errors
}
${calls.map((call) => `await ${call}`).join('\n')}
console.log('${name} ${version}: ${values.length} values, ${calls.length} calls, answered', count);
`);

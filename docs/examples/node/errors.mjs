// Reads the details of an Ownerline error: its reason, every malformed field, its metadata.
//
//     ownerline proto export OUT
//     npm ci --prefix docs/examples/node
//     node docs/examples/node/errors.mjs 127.0.0.1:7431 OUT docs/examples/service-config.json
//
// Exits with 0 if everything was as promised.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import protobuf from 'protobufjs';

// The part of google.rpc that is needed here; the package google-gax has all of it.
const { root: RPC } = protobuf.parse(`
  syntax = "proto3";
  package google.rpc;
  message Any { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
  message BadRequest {
    message FieldViolation { string field = 1; string description = 2; string reason = 3; }
    repeated FieldViolation field_violations = 1;
  }
  message ResourceInfo { string resource_type = 1; string resource_name = 2; string owner = 3; string description = 4; }
`, { keepCase: true });

/** The details of an error by the name of their type; every error of Ownerline has an ErrorInfo. */
function details(error) {
  const [packed] = error.metadata.get('grpc-status-details-bin');
  const found = {};
  for (const { type_url, value } of RPC.lookupType('google.rpc.Status').decode(packed).details) {
    const name = type_url.split('/').pop();
    const type = RPC.lookup(name);
    if (type) found[name.split('.').pop()] = type.decode(value);
  }
  return found;
}

async function refused(call) {
  try {
    await call();
  } catch (error) {
    return { code: error.code, ...details(error) };
  }
  return assert.fail('it was not refused');
}

const [address = '127.0.0.1:7431', protos = 'proto', serviceConfig = 'docs/examples/service-config.json'] =
  process.argv.slice(2);
const files = ['touchpoint_service', 'timeline_service'].map((name) => `ownerline/v1/${name}.proto`);
const schema = grpc.loadPackageDefinition(loader.loadSync(files, {
  includeDirs: [protos], keepCase: true, enums: String, longs: String, defaults: true, oneofs: true,
})).ownerline.v1;
// Retries, with backoff, whatever was certainly not stored, before the caller sees an error.
const options = { 'grpc.service_config': readFileSync(serviceConfig, 'utf8') };
const touchpoints = new schema.TouchpointService(address, grpc.credentials.createInsecure(), options);
const timelines = new schema.TimelineService(address, grpc.credentials.createInsecure(), options);
const ask = (client, name) => (request) => new Promise((resolve, reject) => {
  client[name](request, { deadline: Date.now() + 10_000 }, (error, answer) => (error ? reject(error) : resolve(answer)));
});

const run = randomUUID().slice(0, 8);
const record = (changed) => ask(touchpoints, 'Record')({
  touchpoint: {
    id: `one-${run}`,
    source: '//examples/node/errors',
    occurred_at: { seconds: 1_700_000_000 },
    subjects: { owner_id: `o-${run}`, feedback_id: `f-${run}`, dealer_id: 'dealer-1' },
    visibility: 'VISIBILITY_OWNER',
    feedback_received: { score: 9 },
    ...changed,
  },
});

const malformed = await refused(() => record({ feedback_received: { score: 11 } }));
assert.equal(malformed.code, grpc.status.INVALID_ARGUMENT);
for (const { field, description, reason } of malformed.BadRequest.field_violations) {
  console.log(`${malformed.ErrorInfo.reason}: ${field}: ${description} (${reason})`);
}

await record();
const reused = await refused(() => record({ occurred_at: { seconds: 1_700_000_001 } }));
assert.equal(reused.code, grpc.status.ALREADY_EXISTS);
assert.equal(reused.ErrorInfo.reason, 'ID_REUSED');
console.log(`${reused.ErrorInfo.reason}: a retry is the same message, with the same occurred_at`);

const unknown = await refused(() => ask(timelines, 'GetTimeline')({ owner_id: `no-${run}` }));
assert.equal(unknown.code, grpc.status.NOT_FOUND);
console.log(`${unknown.ErrorInfo.reason}: ${unknown.ResourceInfo.resource_type} ${unknown.ResourceInfo.resource_name}`);

// A Date is not a Timestamp: it has neither seconds nor nanos. It is stored as 1970, with a warning.
const never = await record({ id: `never-${run}`, occurred_at: new Date() });
assert.deepEqual(never.warnings.map(({ reason }) => reason), ['OCCURRED_AT_EPOCH']);
console.log(`warned: ${never.warnings[0].message}`);

touchpoints.close();
timelines.close();

// Calls Ownerline from Node with nothing but its address: the schema comes from the server, by
// reflection. Records a touchpoint and retries it, reads its owner's timeline, and watches the timeline,
// also from where an earlier watch ended.
//
//     npm ci --prefix docs/examples/node
//     node docs/examples/node/reflection.mjs 127.0.0.1:7431 reflection-node
//
// The second argument begins the id of a new owner. Exits with 0 if everything was as promised.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import descriptor from 'protobufjs/ext/descriptor/index.js';

// An expectation fails if it is not met within this many milliseconds.
const PATIENCE = 30_000;
const credentials = grpc.credentials.createInsecure();
const deadline = () => ({ deadline: Date.now() + PATIENCE });

// The part of grpc.reflection.v1 that a client needs to ask for files.
const REFLECTION = loader.fromJSON({
  nested: {
    grpc: { nested: { reflection: { nested: { v1: { nested: {
      ServerReflection: { methods: { ServerReflectionInfo: {
        requestType: 'Request', requestStream: true, responseType: 'Response', responseStream: true,
      } } },
      Request: { oneofs: { request: { oneof: ['fileByFilename', 'fileContainingSymbol'] } }, fields: {
        fileByFilename: { type: 'string', id: 3 }, fileContainingSymbol: { type: 'string', id: 4 },
      } },
      Response: { fields: { files: { type: 'Files', id: 4 }, error: { type: 'Error', id: 7 } } },
      Files: { fields: { file: { rule: 'repeated', type: 'bytes', id: 1 } } },
      Error: { fields: { code: { type: 'int32', id: 1 }, message: { type: 'string', id: 2 } } },
    } } } } } },
  },
});

/** The files that declare these symbols, and all that they import, as one descriptor set. */
async function describe(address, symbols) {
  const { ServerReflection } = grpc.loadPackageDefinition(REFLECTION).grpc.reflection.v1;
  const client = new ServerReflection(address, credentials);
  const call = client.ServerReflectionInfo(deadline());
  const answers = call[Symbol.asyncIterator]();
  const files = new Map();
  const wanted = symbols.map((symbol) => ({ fileContainingSymbol: symbol }));
  for (let request = wanted.pop(); request; request = wanted.pop()) {
    if (files.has(request.fileByFilename)) continue;
    call.write(request);
    const { value: answer } = await answers.next();
    assert(answer.files, `no reflection of ${JSON.stringify(request)}: ${answer.error?.message}`);
    for (const bytes of answer.files.file) {
      const file = descriptor.FileDescriptorProto.decode(bytes);
      files.set(file.name, file);
      wanted.push(...file.dependency.map((name) => ({ fileByFilename: name })));
    }
  }
  call.end();
  client.close();
  return Buffer.from(descriptor.FileDescriptorSet.encode({ file: [...files.values()] }).finish());
}

/** A client of a service, with calls that answer promises. */
function client(schema, service, address) {
  const made = new schema[service](address, credentials);
  const ask = (name) => (request) => new Promise((resolve, reject) => {
    made[name](request, deadline(), (error, answer) => (error ? reject(error) : resolve(answer)));
  });
  return { ask, stream: (name) => (request) => made[name](request, deadline()), close: () => made.close() };
}

// Fields are named as in the schema.
function feedbackReceived(owner_id, words) {
  const now = Date.now();
  // Chosen once and kept for every retry: the idempotency key.
  const id = randomUUID();
  return {
    id,
    source: '//examples/reflection',
    occurred_at: { seconds: Math.floor(now / 1000), nanos: (now % 1000) * 1_000_000 },
    subjects: { owner_id, feedback_id: id, dealer_id: 'dealer-1' },
    channel: 'CHANNEL_PORTAL',
    visibility: 'VISIBILITY_OWNER',
    feedback_received: { score: 9, verbatim: words },
  };
}

/** A watched timeline: what was added, and the place from which the next watch continues. */
class Watch {
  constructor(timelines, owner_id, { position, as_of }) {
    Object.assign(this, { position, as_of });
    this.call = timelines.stream('WatchTimeline')({ owner_id, after: position, after_as_of: as_of });
    this.messages = this.call[Symbol.asyncIterator]();
  }

  /** The ids added by the next change set that is not empty. */
  async nextAdded() {
    const added = [];
    for (;;) {
      const { value: message, done } = await this.messages.next();
      assert(!done, 'the server ended the watch');
      for (const change of message.changes) {
        assert.equal(change.change, 'added');
        added.push(change.added.recorded.touchpoint.id);
      }
      // A watch cannot continue from the middle of a change set.
      if (message.more) continue;
      this.position = message.position;
      this.as_of = message.as_of;
      if (added.length > 0) return added;
    }
  }

  end() {
    // Cancelling surfaces as an error to a reader; nobody reads any more.
    this.call.on('error', () => {});
    this.call.cancel();
  }
}

async function main(address, prefix) {
  const owner_id = `${prefix}-${randomUUID().slice(0, 8)}`;
  const services = ['ownerline.v1.TouchpointService', 'ownerline.v1.TimelineService'];
  const described = loader.loadFileDescriptorSetFromBuffer(await describe(address, services), {
    enums: String, longs: String, defaults: true, oneofs: true,
  });
  const schema = grpc.loadPackageDefinition(described).ownerline.v1;
  const touchpoints = client(schema, 'TouchpointService', address);
  const timelines = client(schema, 'TimelineService', address);
  const record = touchpoints.ask('Record');

  const one = feedbackReceived(owner_id, 'The workshop called before I had to ask.');
  const first = await record({ touchpoint: one });
  const retry = await record({ touchpoint: one });
  assert(!first.replayed && retry.replayed, 'a retry is answered with the first result');
  assert.equal(first.position, retry.position);
  console.log(`recorded at ${first.position} in ${first.stream}; the retry was answered as replayed`);

  // Reading with at_least sees what was just written.
  const page = await timelines.ask('GetTimeline')({ owner_id, at_least: first.position });
  assert.deepEqual(page.entries.map((entry) => entry.recorded.touchpoint.id), [one.id]);
  for (const { recorded, headline } of page.entries) {
    const { seconds, nanos } = recorded.touchpoint.occurred_at;
    console.log(`${new Date(Number(seconds) * 1000 + nanos / 1e6).toISOString()}  ${headline}`);
  }

  const watch = new Watch(timelines, owner_id, page);
  const two = feedbackReceived(owner_id, 'And again.');
  await record({ touchpoint: two });
  assert.deepEqual(await watch.nextAdded(), [two.id], 'the watch says what was recorded meanwhile, and nothing else');
  watch.end();
  console.log(`the watch saw it arrive and ended at ${watch.position}`);

  const again = new Watch(timelines, owner_id, watch);
  const three = feedbackReceived(owner_id, 'Third time lucky.');
  await record({ touchpoint: three });
  assert.deepEqual(await again.nextAdded(), [three.id], 'a watch that continues repeats nothing');
  again.end();
  console.log(`the next watch continued there without a repeat and ended at ${again.position}`);

  touchpoints.close();
  timelines.close();
}

await main(process.argv[2] ?? '127.0.0.1:7431', process.argv[3] ?? 'reflection-node');

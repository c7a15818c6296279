// What people do with KafkaJS 2.2, one scenario a run: node kafkajs.js BOOTSTRAP SCENARIO NAME
// NAME is new for every run; topics and groups are called after it. Ends with 0 when everything was as expected.
const assert = require('assert')
const { Kafka, CompressionTypes, ConfigResourceTypes, logLevel } = require('kafkajs')

const [bootstrap, scenario, name] = process.argv.slice(2)
const kafka = new Kafka({ clientId: 'compatibility', brokers: [bootstrap], logLevel: logLevel.NOTHING })
const admin = kafka.admin()

// KafkaJS waits up to 5 s for records and beats every 3 s; the scenarios need neither.
const consumerOf = groupId => kafka.consumer({ groupId, maxWaitTimeInMs: 200, heartbeatInterval: 300 })

const numbered = count => [...Array(count).keys()].map(i => ({ key: `k${i}`, value: `v${i}` }))

async function send(topic, messages, options) {
  const producer = kafka.producer()
  await producer.connect()
  const answers = await producer.send({ topic, messages, acks: -1, ...options })
  await producer.disconnect()
  return answers
}

// Runs a consumer until `done(messages)`; leaves the group before it returns what was read.
async function consume(groupId, topic, done, { before, each } = {}) {
  const consumer = consumerOf(groupId)
  const messages = []
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, event => reject(event.payload.error))
    consumer
      .run({
        eachMessage: async ({ partition, message }) => {
          messages.push({ partition, offset: message.offset, value: message.value && message.value.toString(), headers: message.headers })
          if (each) await each(consumer, messages)
          if (done(messages)) resolve()
        },
      })
      .catch(reject)
    if (before) before(consumer)
  })
  await consumer.disconnect()
  return messages
}

const scenarios = {
  async records() {
    for (const compression of [CompressionTypes.None, CompressionTypes.GZIP]) {
      const topic = `${name}-${compression}`
      const sent = [...numbered(50), { key: 'gone', value: null }, { key: null, value: 'h', headers: { one: '1', two: Buffer.from([0, 255]) } }]
      const [answer] = await send(topic, sent, { compression })
      assert.deepStrictEqual([answer.errorCode, answer.baseOffset], [0, '0'])
      const read = await consume(`${topic}-group`, topic, all => all.length === sent.length)
      assert.deepStrictEqual(read.map(m => m.value), sent.map(m => m.value))
      assert.strictEqual(read[51].headers.one.toString(), '1')
      assert.deepStrictEqual(read[51].headers.two, Buffer.from([0, 255]))
    }
  },

  async group() {
    await admin.createTopics({ topics: [{ topic: name, numPartitions: 4 }], waitForLeaders: true })
    await send(name, [...Array(40).keys()].map(i => ({ partition: i % 4, value: `v${i}` })))

    const joined = [consumerOf(name), consumerOf(name)]
    const seen = new Set()
    const shares = new Map()
    for (const consumer of joined) {
      await consumer.connect()
      await consumer.subscribe({ topics: [name], fromBeginning: true })
      consumer.on(consumer.events.GROUP_JOIN, event => shares.set(consumer, event.payload.memberAssignment[name] || []))
      await consumer.run({ eachMessage: async ({ partition, message }) => seen.add(`${partition}:${message.offset}`) })
    }
    while (seen.size < 40 || ![...shares.values()].every(share => share.length === 2) || shares.size < 2) await new Promise(r => setTimeout(r, 50))

    const { groups: [described] } = await admin.describeGroups([name])
    assert.strictEqual(described.state, 'Stable')
    assert.strictEqual(described.members.length, 2)
    for (const consumer of joined) await consumer.disconnect()

    const [{ partitions }] = await admin.fetchOffsets({ groupId: name, topics: [name] })
    assert.deepStrictEqual(partitions.map(p => p.offset), ['10', '10', '10', '10'])
    await admin.setOffsets({ groupId: name, topic: name, partitions: [{ partition: 2, offset: '7', metadata: 'note' }] })
    const again = await consume(name, name, all => all.length === 3)
    assert.deepStrictEqual(again.map(m => `${m.partition}:${m.offset}`), ['2:7', '2:8', '2:9'])
    assert((await admin.listGroups()).groups.some(g => g.groupId === name && g.protocolType === 'consumer'))
    await admin.deleteGroups([name])
    assert(!(await admin.listGroups()).groups.some(g => g.groupId === name))
  },

  async positions() {
    await send(name, numbered(10))
    const seeked = await consume(name, name, all => all.length === 3, {
      before: consumer => consumer.seek({ topic: name, partition: 0, offset: '7' }),
    })
    assert.deepStrictEqual(seeked.map(m => m.offset), ['7', '8', '9'])

    let resumed = false
    const paused = await consume(`${name}-paused`, name, all => all.length === 10, {
      each: async (consumer, all) => {
        if (all.length !== 5) return
        consumer.pause([{ topic: name }])
        setTimeout(() => { resumed = true; consumer.resume([{ topic: name }]) }, 300)
      },
    })
    assert(resumed)
    assert.deepStrictEqual(paused.map(m => m.value), numbered(10).map(m => m.value))
    const [byTime] = await admin.fetchTopicOffsetsByTimestamp(name, Date.now() + 60000)
    assert.strictEqual(byTime.offset, '10')
  },

  async transactions() {
    const output = `${name}-output`
    await admin.createTopics({ topics: [{ topic: name }, { topic: output }], waitForLeaders: true })
    await send(name, numbered(6))
    const producer = kafka.producer({ transactionalId: name, maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    const consumerGroupId = `${name}-group`

    const aborted = await producer.transaction()
    await aborted.send({ topic: output, messages: numbered(3) })
    await aborted.sendOffsets({ consumerGroupId, topics: [{ topic: name, partitions: [{ partition: 0, offset: '6' }] }] })
    await aborted.abort()
    assert.deepStrictEqual((await admin.fetchOffsets({ groupId: consumerGroupId, topics: [name] }))[0].partitions[0].offset, '-1')

    const committed = await producer.transaction()
    await committed.send({ topic: output, messages: [{ value: 'kept' }] })
    await committed.sendOffsets({ consumerGroupId, topics: [{ topic: name, partitions: [{ partition: 0, offset: '4' }] }] })
    await committed.commit()
    await producer.disconnect()

    assert.deepStrictEqual((await consume(`${output}-group`, output, all => all.length === 1)).map(m => m.value), ['kept'])
    const rest = await consume(consumerGroupId, name, all => all.length === 2)
    assert.deepStrictEqual(rest.map(m => m.value), ['v4', 'v5'])
  },

  async admin() {
    const { brokers, controller, clusterId } = await admin.describeCluster()
    assert.deepStrictEqual([brokers.length, controller, clusterId.length], [1, brokers[0].nodeId, 22])
    assert(await admin.createTopics({ topics: [{ topic: name, numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '600000' }] }] }))
    assert(!(await admin.createTopics({ topics: [{ topic: name }] })))
    await admin.createPartitions({ topicPartitions: [{ topic: name, count: 3 }] })
    assert.strictEqual((await admin.fetchTopicMetadata({ topics: [name] })).topics[0].partitions.length, 3)

    const resource = { type: ConfigResourceTypes.TOPIC, name }
    const retention = async () => (await admin.describeConfigs({ includeSynonyms: false, resources: [{ ...resource, configNames: ['retention.ms'] }] }))
      .resources[0].configEntries[0].configValue
    assert.strictEqual(await retention(), '600000')
    await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '700000' }] }] })
    assert.strictEqual(await retention(), '700000')

    await send(name, [...Array(10).keys()].map(() => ({ partition: 1, value: 'x' })))
    await admin.deleteTopicRecords({ topic: name, partitions: [{ partition: 1, offset: '4' }] })
    const offsets = await admin.fetchTopicOffsets(name)
    assert.deepStrictEqual(offsets.filter(p => p.partition === 1).map(p => [p.low, p.high]), [['4', '10']])
    await admin.deleteTopics({ topics: [name] })
    assert(!(await admin.listTopics()).includes(name))
  },
}

async function run() {
  await admin.connect()
  await scenarios[scenario]()
  await admin.disconnect()
}

run().then(() => process.exit(0), error => {
  console.error(error)
  process.exit(1)
})

# What people do with kafka-python 2.0 (Debian's python3-kafka), one scenario a run: kafka_python.py BOOTSTRAP SCENARIO NAME
# NAME is new for every run; topics and groups are called after it. Ends with 0 when everything was as expected.
import sys
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.errors import TopicAlreadyExistsError

bootstrap, scenario, name = sys.argv[1:]
LIMIT_S = 60


def consumer(*topics, **options):
    options = {'auto_offset_reset': 'earliest', 'consumer_timeout_ms': 20000, 'heartbeat_interval_ms': 500, **options}
    return KafkaConsumer(*topics, bootstrap_servers=bootstrap, **options)


def send(topic, values, **options):
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks='all', **options)
    answers = [producer.send(topic, value=value, key=b'key', headers=[('header', b'\x00\xff')], partition=0) for value in values]
    producer.flush(LIMIT_S)
    offsets = [answer.get(LIMIT_S).offset for answer in answers]
    producer.close()
    return offsets


def read(reader, count):
    records = []
    for record in reader:
        records.append(record)
        if len(records) == count:
            break
    return records


def records():
    values = [b'value %d' % i for i in range(50)]
    # A client that takes the release from what it is told, and ones that were told.
    for version in [None, (1, 0, 0), (2, 0, 0), (2, 5, 0)]:
        for codec in [None, 'gzip']:
            topic = f'{name}-{version}-{codec}'.replace('(', '').replace(')', '').replace(', ', '.')
            assert send(topic, values, api_version=version, compression_type=codec) == list(range(50))
            reader = consumer(topic, api_version=version)
            found = read(reader, 50)
            reader.close()
            assert [record.value for record in found] == values
            assert all(record.headers == [('header', b'\x00\xff')] and record.key == b'key' for record in found)


def group():
    send(name, [b'%d' % i for i in range(10)])
    partition = TopicPartition(name, 0)
    first = consumer(name, group_id=name, enable_auto_commit=False)
    assert len(read(first, 4)) == 4
    first.commit({partition: OffsetAndMetadata(4, 'note')})
    assert first.committed(partition, metadata=True) == OffsetAndMetadata(4, 'note')
    first.close()

    second = consumer(name, group_id=name)
    assert [record.offset for record in read(second, 6)] == list(range(4, 10))
    second.seek(partition, 8)
    assert [record.offset for record in read(second, 2)] == [8, 9]
    assert second.beginning_offsets([partition]) == {partition: 0}
    assert second.end_offsets([partition]) == {partition: 10}
    assert second.offsets_for_times({partition: 0})[partition].offset == 0
    assert second.offsets_for_times({partition: int(time.time() * 1000) + 60000})[partition] is None
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    described = admin.describe_consumer_groups([name])[0]
    assert (described.state, len(described.members)) == ('Stable', 1)
    second.close()

    assert (name, 'consumer') in admin.list_consumer_groups()
    assert admin.list_consumer_group_offsets(name)[partition].offset == 10
    assert [(group, error.errno) for group, error in admin.delete_consumer_groups([name])] == [(name, 0)]
    assert (name, 'consumer') not in admin.list_consumer_groups()
    admin.close()


def administration():
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(name, 2, 1, topic_configs={'retention.ms': '600000'})])
    try:
        admin.create_topics([NewTopic(name, 2, 1)])
        raise AssertionError('a topic was created twice')
    except TopicAlreadyExistsError:
        pass
    admin.create_partitions({name: NewPartitions(3)})
    assert [len(topic['partitions']) for topic in admin.describe_topics([name])] == [3]
    assert len(admin.describe_cluster()['brokers']) == 1

    def retention():
        answer = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])[0]
        return {entry[0]: entry[1] for entry in answer.resources[0][4]}['retention.ms']

    assert retention() == '600000'
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs={'retention.ms': '700000'})])
    assert retention() == '700000'
    admin.delete_topics([name])
    assert name not in admin.list_topics()
    admin.close()


{'records': records, 'group': group, 'administration': administration}[scenario]()

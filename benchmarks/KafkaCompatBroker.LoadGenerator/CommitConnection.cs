using System.Buffers.Binary;
using System.Text;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>
/// Commits one offset of every partition of the topic, as a consumer that assigns itself does. With one in flight the group is another one
/// each time, so that a run leaves as many offsets in the coordinator's log as it counted.
/// </summary>
internal sealed class CommitConnection(WireClient client, LoadOptions options, int index) : LoadConnection(client, options.Depth)
{
    private const short Version = 7;
    private const int GroupDigits = 9;
    private const string Metadata = "";

    // correlation id, throttle time, topic count, topic name length; the name and what follows come after.
    private readonly int _firstErrorAt = 4 + 4 + 4 + 2 + options.Topic.Length + 4 + 4;
    private int _groupAt;
    private int _groups;

    protected override byte[] FirstFrame()
    {
        string group = GroupName(0);
        byte[] frame = WireClient.Frame(
            new OffsetCommitRequest
            {
                GroupId = group,
                GenerationIdOrMemberEpoch = -1,
                MemberId = "",
                Topics =
                [
                    new()
                    {
                        Name = options.Topic,
                        Partitions = [.. Enumerable.Range(0, options.Partitions).Select(partition => new OffsetCommitRequest.OffsetCommitRequestPartition
                        {
                            PartitionIndex = partition,
                            CommittedOffset = partition,
                            CommittedMetadata = Metadata,
                        })],
                    },
                ],
            },
            Version);
        _groupAt = frame.AsSpan().IndexOf(Encoding.UTF8.GetBytes(group)) + group.Length - GroupDigits;
        return frame;
    }

    protected override void BeforeSend(Span<byte> frame)
    {
        int number = _groups++;
        for (int digit = GroupDigits - 1; digit >= 0; digit--, number /= 10) frame[_groupAt + digit] = (byte)('0' + (number % 10));
    }

    protected override (int Records, int Bytes) OnAnswer(ReadOnlySpan<byte> answer)
    {
        for (int partition = 0; partition < options.Partitions; partition++)
        {
            var error = (ErrorCode)BinaryPrimitives.ReadInt16BigEndian(answer[(_firstErrorAt + (partition * 6))..]);
            if (error != ErrorCode.None) throw new IOException($"commit failed: {error}");
        }
        // A byte an offset, so that --bytes can end a run by their number.
        return (options.Partitions, options.Partitions);
    }

    private string GroupName(int number) => $"load-{index}-{number.ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(GroupDigits, '0')}";
}

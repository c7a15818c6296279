using System.Buffers.Binary;
using System.Diagnostics;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>Many members, each on a connection of its own, that do nothing but heartbeat at their interval: what an idle fleet costs the broker.</summary>
internal static class HeartbeatLoad
{
    private const int MembersOfGroup = 20;
    private const int IntervalMs = 3_000;

    public static LoadResult Run(LoadOptions options)
    {
        GroupMember[] members = Form(options);
        var frames = members.Select(member => member.HeartbeatFrame()).ToArray();
        byte[] answer = new byte[frames[0].AnswerBytes];
        long errors = 0;
        string firstError = "";

        long start = Stopwatch.GetTimestamp();
        long measureFrom = start + (long)(options.WarmupSeconds * Stopwatch.Frequency);
        long end = measureFrom + (long)(options.Seconds * Stopwatch.Frequency);
        double step = (double)Stopwatch.Frequency * IntervalMs / 1000 / members.Length;
        double cpu = 0;
        long beats = 0;
        bool measures = false;
        bool[] isAsked = new bool[members.Length];
        for (long turn = 0; errors == 0; turn++)
        {
            long due = start + (long)(turn * step);
            if (due >= end) break;
            if (!measures && due >= measureFrom)
            {
                measures = true;
                cpu = options.BrokerPid is { } pid ? ProcessCpu.Ms(pid) : 0;
            }

            PreciseSleep.Until(due);
            int index = (int)(turn % members.Length);
            // The answer to the member's last heartbeat came three seconds ago.
            if (isAsked[index]) Take(members[index].Client, answer, frames[index].ErrorAt, ref errors, ref firstError);
            members[index].Client.Socket.Send(frames[index].Frame);
            isAsked[index] = true;
            if (measures) beats++;
        }

        cpu = options.BrokerPid is { } again ? ProcessCpu.Ms(again) - cpu : 0;
        foreach (GroupMember member in members) member.Dispose();
        var result = new LoadResult { Seconds = options.Seconds, Requests = beats, BrokerCpuMs = cpu, Errors = errors, FirstError = firstError };
        result.Extra["cpuMsPerSecond"] = cpu / options.Seconds;
        return result;
    }

    private static GroupMember[] Form(LoadOptions options)
    {
        using (var client = new WireClient(options.Bootstrap)) Coordinators.Find(client, options.GroupName, Coordinators.Group);
        GroupMember[] members = [.. Enumerable.Range(0, options.Members).Select(index => new GroupMember(options, $"{options.GroupName}-{index / MembersOfGroup}"))];
        foreach (GroupMember[] group in members.Chunk(MembersOfGroup))
        {
            var exchange = new GroupExchange(group);
            exchange.Start();
            exchange.AwaitGenerationOf(group.Length);
            exchange.Stop();
        }

        return members;
    }

    private static void Take(WireClient client, byte[] answer, int errorAt, ref long errors, ref string firstError)
    {
        for (int at = 0; at < answer.Length;)
        {
            int received = client.Socket.Receive(answer.AsSpan(at));
            if (received == 0) throw new IOException("the broker closed the connection");
            at += received;
        }

        var error = (ErrorCode)BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(errorAt));
        if (error != ErrorCode.None && errors++ == 0) firstError = $"heartbeat failed: {error}";
    }
}

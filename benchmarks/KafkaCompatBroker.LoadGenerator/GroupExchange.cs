namespace KafkaCompatBroker.LoadGenerator;

/// <summary>Members of one group, each on a thread of its own: it joins, then heartbeats every 50 ms until it has to join again.</summary>
internal sealed class GroupExchange(IEnumerable<GroupMember> members)
{
    private const int HeartbeatMs = 50;
    private const int StackBytes = 256 * 1024;
    private readonly Lock _gate = new();
    private readonly List<Thread> _threads = [];
    private readonly Dictionary<int, int> _settled = [];
    private volatile bool _stops;

    public long Errors { get; private set; }

    public string FirstError { get; private set; } = "";

    public void Start()
    {
        foreach (GroupMember member in members) Add(member);
    }

    public void Add(GroupMember member)
    {
        var thread = new Thread(() => Live(member), StackBytes);
        _threads.Add(thread);
        thread.Start();
    }

    public void AwaitGenerationOf(int count)
    {
        while (true)
        {
            lock (_gate)
            {
                if (Errors > 0) throw new IOException(FirstError);
                if (_settled.ContainsValue(count)) return;
            }

            Thread.Sleep(1);
        }
    }

    public void Stop()
    {
        _stops = true;
        foreach (Thread thread in _threads) thread.Join();
    }

    private void Live(GroupMember member)
    {
        try
        {
            bool isIn = false;
            while (!_stops)
            {
                if (!isIn)
                {
                    member.Join();
                    lock (_gate) _settled[member.Generation] = _settled.GetValueOrDefault(member.Generation) + 1;
                }

                Thread.Sleep(HeartbeatMs);
                isIn = member.Beat();
            }
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
        {
            lock (_gate)
            {
                if (Errors++ == 0) FirstError = exception.Message;
            }
        }
    }
}

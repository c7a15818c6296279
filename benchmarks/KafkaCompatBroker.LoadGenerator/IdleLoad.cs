using System.Globalization;
using System.Text.RegularExpressions;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>Opens connections that ask once and then sit still; compares the broker's memory before and after.</summary>
internal static partial class IdleLoad
{
    public static LoadResult Run(LoadOptions options)
    {
        int pid = options.BrokerPid ?? throw new ArgumentException("idle needs --pid");
        double before = ResidentKib(pid);
        var clients = new List<WireClient>();
        for (int i = 0; i < options.Connections; i++)
        {
            var client = new WireClient(options.Bootstrap);
            client.Ask<ApiVersionsRequest, ApiVersionsResponse>(new ApiVersionsRequest(), 0);
            clients.Add(client);
        }
        Thread.Sleep(TimeSpan.FromSeconds(options.WarmupSeconds));
        double after = ResidentKib(pid);
        double cpu = ProcessCpu.Ms(pid);
        Thread.Sleep(TimeSpan.FromSeconds(options.Seconds));
        cpu = ProcessCpu.Ms(pid) - cpu;
        foreach (WireClient client in clients) client.Dispose();
        var result = new LoadResult { Seconds = options.Seconds, BrokerCpuMs = cpu };
        result.Extra["residentKib"] = after;
        result.Extra["anonymousKib"] = Kib(pid, AnonymousLine());
        result.Extra["kibPerConnection"] = options.Connections == 0 ? 0 : (after - before) / options.Connections;
        result.Extra["cpuMsPerSecond"] = cpu / options.Seconds;
        return result;
    }

    public static double ResidentKib(int pid) => Kib(pid, ResidentLine());

    private static double Kib(int pid, Regex line) =>
        double.Parse(line.Match(File.ReadAllText($"/proc/{pid}/smaps_rollup")).Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^Rss:\s+(\d+) kB", RegexOptions.Multiline)]
    private static partial Regex ResidentLine();

    [GeneratedRegex(@"^Anonymous:\s+(\d+) kB", RegexOptions.Multiline)]
    private static partial Regex AnonymousLine();
}

using System.Reflection;
using KafkaCompatBroker.Broker;
using KafkaCompatBroker.Broker.Formatting;
using KafkaCompatBroker.Host.Configuration;

namespace KafkaCompatBroker.Host;

/// <summary>The executable: verbs, and one clear line for whatever stops them.</summary>
internal static class Program
{
    private const int Success = 0;
    private const int Failure = 1;

    public static int Main(string[] arguments)
    {
        // Read once, when the first socket is used: completions run on the thread that waits for the sockets, with no hand-over.
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        try
        {
            return Run(HostOptions.Parse(arguments));
        }
        catch (Exception problem) when (OperatorMessage.Of(problem) is { } line)
        {
            Console.Error.WriteLine(line);
            return Failure;
        }
    }

    private static int Run(HostOptions options)
    {
        switch (options.Verb)
        {
            case HostVerb.Version:
                Console.WriteLine($"KafkaCompatBroker {Version()}, compatible with Apache Kafka 4.4");
                return Success;
            case HostVerb.Help:
                Console.WriteLine(Usage.Text);
                return Success;
            case HostVerb.Storage:
                return new StorageCommand(Console.Out, Console.Error, JavaProperties.ReadFile, TimeProvider.System).Run(options.StorageArguments);
            default:
                new NodeRun(options, Environment.GetEnvironmentVariables(), TimeProvider.System).RunAsync().GetAwaiter().GetResult();
                return Success;
        }
    }

    private static string Version() =>
        typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}

using System.Reflection;

namespace KafkaCompatBroker.Host;

internal static class Program
{
    private const int Success = 0;
    private const int Failure = 1;

    public static int Main(string[] arguments)
    {
        try
        {
            return Run(HostOptions.Parse(arguments));
        }
        catch (UsageException problem)
        {
            Console.Error.WriteLine(problem.Message);
            return Failure;
        }
    }

    private static int Run(HostOptions options)
    {
        switch (options.Verb)
        {
            case HostVerb.Version:
                Console.WriteLine($"KafkaCompatBroker {typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion}, compatible with Apache Kafka 4.4");
                return Success;
            case HostVerb.Help:
                Console.WriteLine(Usage.Text);
                return Success;
            default:
                Console.Error.WriteLine("This build serves no requests yet.");
                return Failure;
        }
    }
}

using KafkaCompatBroker.Simulation.Console;

const string Usage = """
    usage: [quorum] --seeds A-B [--long] [--fault NAME] [--verbose]      metadata quorums
           groups --seeds A-B [--protocol classic|consumer|mixed] [--verbose]      group coordinators
           transactions --seeds A-B [--bug NAME]      transaction coordinators
    """;

var verb = args.Length > 0 && !args[0].StartsWith('-') ? args[0] : "quorum";
var options = RunOptions.Parse(args.AsSpan(args.Length > 0 && args[0] == verb ? 1 : 0));
var violations = (verb, options) switch
{
    (_, null) => null,
    ("quorum", { Protocol: null, Bug: null }) => QuorumRuns.Run(options),
    ("groups", { IsLong: false, Fault: null, Bug: null }) => GroupRuns.Run(options),
    ("transactions", { IsLong: false, IsVerbose: false, Fault: null, Protocol: null }) => TransactionRuns.Run(options),
    _ => (int?)null,
};
if (violations is null) System.Console.Error.WriteLine(Usage);
return violations switch { null => 2, 0 => 0, _ => 1 };

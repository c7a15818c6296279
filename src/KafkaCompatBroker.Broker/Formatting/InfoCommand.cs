using KafkaCompatBroker.Storage.Checkpoints;

namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>The command info: what the log directories hold and what is wrong with them.</summary>
internal sealed class InfoCommand(TextWriter output)
{
    /// <summary>Prints the findings; 0 when there is no problem, else 1.</summary>
    public int Run(NodeSettings node)
    {
        var found = new List<string>();
        var problems = new List<string>();
        MetaProperties? first = null;
        foreach (var path in node.LogDirectories)
        {
            if (File.Exists(path)) problems.Add($"{path} is not a directory");
            else if (!Directory.Exists(path)) problems.Add($"{path} does not exist");
            else
            {
                found.Add(path);
                Look(DirectoryState.Read(path), problems, ref first);
            }
        }
        Print(found, "Found log directory:", "Found log directories:");
        if (first is not null)
        {
            output.WriteLine($"Found metadata: {Describe(first)}");
            output.WriteLine();
        }
        Print(problems, "Found problem:", "Found problems:");
        return problems.Count == 0 ? 0 : 1;
    }

    private static void Look(DirectoryState state, List<string> problems, ref MetaProperties? first)
    {
        if (state.Problem is not null) problems.Add($"Error loading {Path.Combine(state.Path, MetaProperties.FileName)}: {state.Problem}");
        else if (state.Meta is null) problems.Add($"{state.Path} is not formatted.");
        else if (first is null) first = state.Meta;
        else
        {
            if (state.Meta.ClusterId != first.ClusterId) problems.Add("Mismatched cluster IDs between storage directories.");
            if (state.Meta.NodeId != first.NodeId) problems.Add("Mismatched node IDs between storage directories.");
        }
    }

    private void Print(List<string> lines, string one, string several)
    {
        if (lines.Count == 0) return;
        output.WriteLine(lines.Count == 1 ? one : several);
        foreach (var line in lines) output.WriteLine($"  {line}");
        output.WriteLine();
    }

    private static string Describe(MetaProperties meta)
    {
        var directoryId = meta.DirectoryId is { } id ? $", directory.id={id}" : "";
        return $"{{cluster.id={meta.ClusterId}{directoryId}, node.id={meta.NodeId}, version=1}}";
    }
}

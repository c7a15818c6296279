using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KafkaCompatBroker.Simulation.Tests;

/// <summary>The simulation on a Raft core that was compiled with one sentence changed. The sources of the core know nothing of this.</summary>
internal sealed class MutantRaft : AssemblyLoadContext
{
    private const string Raft = "KafkaCompatBroker.Raft";
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; global using System.Threading.Tasks;";

    private readonly byte[] _core;

    public MutantRaft(Mutant mutant) : base(mutant.Name, isCollectible: true) => _core = Compile(mutant);

    /// <summary>The first violation from seed 0 on, or null.</summary>
    public string? FirstViolation(ulong seeds)
    {
        var simulation = LoadFromAssemblyPath(typeof(Simulator).Assembly.Location);
        var method = simulation.GetType(typeof(Simulator).FullName!)!.GetMethod(nameof(Simulator.FirstViolation))!;
        var parameters = method.GetParameters();
        return (string?)method.Invoke(null, [0UL, seeds, Enum.ToObject(parameters[2].ParameterType, 0), Enum.ToObject(parameters[3].ParameterType, 0)]);
    }

    protected override Assembly? Load(AssemblyName name) => name.Name == Raft ? LoadFromStream(new MemoryStream(_core)) : null;

    private static byte[] Compile(Mutant mutant)
    {
        var root = typeof(MutantRaft).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;
        var folder = Path.Combine(root, "src", Raft);
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        var trees = new List<SyntaxTree> { CSharpSyntaxTree.ParseText(ImplicitUsings, options) };
        foreach (var path in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(folder, path).Replace('\\', '/');
            if (relative.StartsWith("obj/", StringComparison.Ordinal) || relative.StartsWith("bin/", StringComparison.Ordinal)) continue;
            var text = File.ReadAllText(path);
            if (relative == mutant.File) text = mutant.Apply(text);
            trees.Add(CSharpSyntaxTree.ParseText(text, options, relative));
        }
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(Raft, trees, references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable));
        using var bytes = new MemoryStream();
        var result = compilation.Emit(bytes);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));
        return bytes.ToArray();
    }
}

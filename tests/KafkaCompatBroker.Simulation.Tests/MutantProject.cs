using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KafkaCompatBroker.Simulation.Tests;

/// <summary>The simulation on a project that was compiled with one sentence changed. The sources of the project know nothing of this.</summary>
internal sealed class MutantProject : AssemblyLoadContext
{
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; global using System.Threading.Tasks;";

    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview);
    private static readonly ConcurrentDictionary<string, CSharpCompilation> Originals = new(StringComparer.Ordinal);

    private readonly string _project;
    private readonly byte[] _assembly;

    /// <param name="project">Full name of the project under src.</param>
    /// <param name="mutant">What is changed in it.</param>
    public MutantProject(string project, Mutant mutant) : base(mutant.Name, isCollectible: true) => (_project, _assembly) = (project, Compile(project, mutant));

    /// <summary>Calls a static method of the simulation that looks for the first violation, or gives null.</summary>
    /// <param name="simulator">The type that has the method.</param>
    /// <param name="first">The first seed.</param>
    /// <param name="end">The seed before which it ends.</param>
    public string? FirstViolation(Type simulator, ulong first, ulong end)
    {
        var method = LoadFromAssemblyPath(simulator.Assembly.Location).GetType(simulator.FullName!)!.GetMethod(nameof(Simulator.FirstViolation))!;
        // What follows the seeds are enums, whose first value is the plain case.
        var rest = method.GetParameters().Skip(2).Select(parameter => Enum.ToObject(parameter.ParameterType, 0));
        return (string?)method.Invoke(null, [first, end, .. rest]);
    }

    protected override Assembly? Load(AssemblyName name) => name.Name == _project ? LoadFromStream(new MemoryStream(_assembly)) : null;

    private static byte[] Compile(string project, Mutant mutant)
    {
        var original = Originals.GetOrAdd(project, Original);
        var tree = original.SyntaxTrees.Single(tree => tree.FilePath == mutant.File);
        var compilation = original.ReplaceSyntaxTree(tree, CSharpSyntaxTree.ParseText(mutant.Apply(tree.ToString()), Options, mutant.File));
        using var bytes = new MemoryStream();
        var result = compilation.Emit(bytes);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));
        return bytes.ToArray();
    }

    private static CSharpCompilation Original(string project)
    {
        var root = typeof(MutantProject).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;
        var folder = Path.Combine(root, "src", project);
        var trees = new List<SyntaxTree> { CSharpSyntaxTree.ParseText(ImplicitUsings, Options) };
        foreach (var path in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(folder, path).Replace('\\', '/');
            if (relative.StartsWith("obj/", StringComparison.Ordinal) || relative.StartsWith("bin/", StringComparison.Ordinal)) continue;
            trees.Add(CSharpSyntaxTree.ParseText(File.ReadAllText(path), Options, relative));
        }
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var file && (file.StartsWith("System.", StringComparison.Ordinal) || file == "KafkaCompatBroker.Protocol.dll"))
            .Select(path => MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create(project, trees, references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable));
    }
}

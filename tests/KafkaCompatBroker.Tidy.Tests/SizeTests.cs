using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit.Abstractions;

namespace KafkaCompatBroker.Tidy.Tests;

/// <summary>
/// Sizes of files, methods and constructors. What is over a limit is counted and the count may only fall: lower the number when it does.
/// </summary>
public sealed class SizeTests(ITestOutputHelper output)
{
    private const int FileLinesSoft = 400;
    private const int FileLinesHard = 600;
    private const int MethodLines = 70;
    private const int ConstructorDependencies = 6;

    private const int FilesOverSoftLimit = 0;
    private const int MethodsOverLimit = 0;
    private const int ConstructorsOverLimit = 0;

    [Fact]
    public void No_file_is_longer_than_the_hard_limit() =>
        Assert.Empty(Repository.Sources.Where(file => file.Lines > FileLinesHard).Select(file => $"{file.Path}: {file.Lines}"));

    [Fact]
    public void Files_over_the_soft_limit_become_fewer() => Ratchet(
        FilesOverSoftLimit,
        Repository.Sources.Where(file => file.Lines > FileLinesSoft).Select(file => $"{file.Path}: {file.Lines}"));

    [Fact]
    public void Long_methods_become_fewer() => Ratchet(
        MethodsOverLimit,
        from file in Repository.Sources
        from method in file.Nodes<BaseMethodDeclarationSyntax>()
        let lines = Lines(method)
        where lines > MethodLines
        select $"{file.At(method)}: {lines} lines");

    [Fact]
    public void Constructors_with_many_dependencies_become_fewer() => Ratchet(
        ConstructorsOverLimit,
        from file in Repository.ProductSources
        from parameters in Dependencies(file)
        where parameters.Parameters.Count > ConstructorDependencies
        select $"{file.At(parameters)}: {parameters.Parameters.Count} dependencies");

    // Records and structs are values, exceptions carry facts: what they are made of is not a dependency.
    private static IEnumerable<ParameterListSyntax> Dependencies(SourceFile file) => file.Nodes<ClassDeclarationSyntax>()
        .SelectMany(type => type.Members.OfType<ConstructorDeclarationSyntax>().Select(constructor => constructor.ParameterList)
            .Concat(type.ParameterList is { } primary ? [primary] : []));

    private static int Lines(SyntaxNode node)
    {
        FileLinePositionSpan span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }

    private void Ratchet(int allowed, IEnumerable<string> found)
    {
        List<string> all = [.. found];
        foreach (string line in all)
        {
            output.WriteLine(line);
        }

        Assert.True(all.Count <= allowed, $"{all.Count} over the limit, {allowed} allowed:\n{string.Join('\n', all)}");
    }
}

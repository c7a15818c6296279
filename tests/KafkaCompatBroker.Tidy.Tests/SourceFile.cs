using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KafkaCompatBroker.Tidy.Tests;

/// <summary>One C# file: its path from the root of the repository, its text and its syntax.</summary>
internal sealed class SourceFile(string path)
{
    private readonly Lazy<string> _text = new(() => Repository.Read(path));
    private readonly Lazy<CompilationUnitSyntax> _syntax = new(
        () => CSharpSyntaxTree.ParseText(Repository.Read(path), new CSharpParseOptions(LanguageVersion.Preview)).GetCompilationUnitRoot());

    public string Path => path;

    public string Text => _text.Value;

    public CompilationUnitSyntax Syntax => _syntax.Value;

    public int Lines => Text.AsSpan().Count('\n');

    public IEnumerable<T> Nodes<T>()
        where T : SyntaxNode => Syntax.DescendantNodes().OfType<T>();

    public string At(SyntaxNode node) => $"{path}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";
}

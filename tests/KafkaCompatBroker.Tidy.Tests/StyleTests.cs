using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KafkaCompatBroker.Tidy.Tests;

public sealed partial class StyleTests
{
    /// <summary>Shell loops that must outlive any exception. The number may only fall; a catch that throws again does not count.</summary>
    private const int CatchAlls = 5;

    [Fact]
    public void No_documentation_tag_is_empty() => Assert.Empty(
        from file in Repository.Sources
        from Match match in EmptyTag().Matches(DocumentationMark().Replace(file.Text, ""))
        select $"{file.Path}: {match.Value}");

    [Fact]
    public void Nothing_is_left_for_later() => Assert.Empty(
        from file in Repository.Sources
        from Match match in Unfinished().Matches(file.Text)
        select $"{file.Path}: {match.Value}");

    [Fact]
    public void Namespaces_follow_folders() => Assert.Empty(
        from file in Repository.Sources
        from space in file.Nodes<BaseNamespaceDeclarationSyntax>()
        where space is not FileScopedNamespaceDeclarationSyntax || !IsNamespaceOf(file.Path, space.Name.ToString())
        select $"{file.Path}: {space.Name}");

    [Fact]
    public void Types_have_names_that_say_something() => Assert.Empty(
        from file in Repository.Sources
        from type in file.Nodes<BaseTypeDeclarationSyntax>()
        where EmptyName().IsMatch(type.Identifier.Text)
        select $"{file.At(type)}: {type.Identifier.Text}");

    [Fact]
    public void Nothing_static_changes() => Assert.Empty(
        from file in Repository.ProductSources
        from field in file.Nodes<FieldDeclarationSyntax>()
        where field.Modifiers.Any(SyntaxKind.StaticKeyword)
            && !field.Modifiers.Any(SyntaxKind.ReadOnlyKeyword)
            && !field.Modifiers.Any(SyntaxKind.ConstKeyword)
        select $"{file.At(field)}: {field.Declaration}");

    [Fact]
    public void Static_properties_have_no_setters() => Assert.Empty(
        from file in Repository.ProductSources
        from property in file.Nodes<PropertyDeclarationSyntax>()
        where property.Modifiers.Any(SyntaxKind.StaticKeyword)
            && (property.AccessorList?.Accessors.Any(SyntaxKind.SetAccessorDeclaration) ?? false)
        select $"{file.At(property)}: {property.Identifier}");

    [Fact]
    public void Regions_are_not_used() => Assert.Empty(
        Repository.Sources.Where(file => file.Syntax.DescendantTrivia().Any(trivia => trivia.IsKind(SyntaxKind.RegionDirectiveTrivia))).Select(file => file.Path));

    [Fact]
    public void Partial_types_are_only_for_generated_code()
    {
        IEnumerable<string> partial =
            from file in Repository.ProductSources
            from type in file.Nodes<TypeDeclarationSyntax>()
            where type.Modifiers.Any(SyntaxKind.PartialKeyword) && !type.Modifiers.Any(SyntaxKind.RefKeyword)
            where !type.DescendantNodes().OfType<MethodDeclarationSyntax>().Any(method => method.Modifiers.Any(SyntaxKind.PartialKeyword))
            select $"{file.At(type)}: {type.Identifier.Text}";

        Assert.Empty(partial);
    }

    [Fact]
    public void Catching_everything_becomes_rarer()
    {
        List<string> found =
        [
            .. from file in Repository.ProductSources
               from clause in file.Nodes<CatchClauseSyntax>()
               where !clause.DescendantNodes().OfType<ThrowStatementSyntax>().Any(statement => statement.Expression is null)
               where clause.Filter is null && clause.Declaration?.Type.ToString() is null or "Exception" or "System.Exception"
               select file.At(clause),
        ];

        Assert.True(found.Count <= CatchAlls, $"{found.Count} catch everything, {CatchAlls} allowed:\n{string.Join('\n', found)}");
    }

    [Fact]
    public void Readmes_of_projects_are_short() => Assert.All(
        Repository.FindFiles("README.md", "src"), path => Assert.InRange(Repository.Read(path).AsSpan().Count('\n'), 0, 80));

    [Fact]
    public void No_generated_source_is_committed() => Assert.Empty(Repository.FindFiles("*.g.cs", "src", "tests", "protocol-specs"));

    private static bool IsNamespaceOf(string path, string name)
    {
        string[] parts = Path.GetDirectoryName(path)!.Replace('\\', '/').Split('/');

        // The language looks for this marker type in the name space of the runtime.
        return name == string.Join('.', parts.Skip(1)) || name == "System.Runtime.CompilerServices";
    }

    [GeneratedRegex(@"^\s*///", RegexOptions.Multiline)]
    private static partial Regex DocumentationMark();

    [GeneratedRegex(@"<(summary|remarks|returns|value|param|typeparam|exception)(\s[^>/]*)?>\s*</\1>")]
    private static partial Regex EmptyTag();

    // Written so that this file does not find itself.
    [GeneratedRegex(@"\b(TO[D]O|FIX[M]E|HA[C]K|X[X]X|NotImplement[e]d\w*)\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex("(Manager|Helper|Helpers|Utils|Util|Utilities)$")]
    private static partial Regex EmptyName();
}

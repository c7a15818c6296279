using Microsoft.CodeAnalysis;

namespace KafkaCompatBroker.Protocol.Tests.Generator;

public sealed class DiagnosticTests
{
    [Theory]
    [InlineData(6, "defined twice", """{ "name": "A", "type": "int8" }, { "name": "A", "type": "int8" }""")]
    [InlineData(6, "must start with a capital", """{ "name": "a", "type": "int8" }""")]
    [InlineData(6, "has the name of a generated member", """{ "name": "Size", "type": "int8" }""")]
    [InlineData(6, "is not known", """{ "name": "A", "type": "Missing" }""")]
    [InlineData(6, "unknown member \"vers\"", """{ "name": "A", "type": "int8", "vers": "1+" }""")]
    [InlineData(6, "is not a version range", """{ "name": "A", "type": "int8", "versions": "2-1" }""")]
    [InlineData(6, "is not a version range", """{ "name": "A", "type": "int8", "versions": "x" }""")]
    [InlineData(6, "in no version", """{ "name": "A", "type": "int8", "versions": "7+" }""")]
    [InlineData(6, "cannot be null", """{ "name": "A", "type": "int8", "nullable": true }""")]
    [InlineData(6, "never nullable", """{ "name": "A", "type": "string", "default": null }""")]
    [InlineData(6, "does not fit", """{ "name": "A", "type": "int8", "default": 128 }""")]
    [InlineData(6, "does not fit", """{ "name": "A", "type": "int8", "default": "1" }""")]
    [InlineData(6, "does not fit", """{ "name": "A", "type": "bool", "default": 1 }""")]
    [InlineData(6, "version without tags", """{ "name": "A", "type": "int8", "versions": "0+", "tag": 0 }""")]
    [InlineData(6, "tag 3 is used twice", """{ "name": "A", "type": "int8", "versions": "2+", "tag": 3 }, { "name": "B", "type": "int8", "versions": "2+", "tag": 3 }""")]
    [InlineData(6, "cannot have fields", """{ "name": "A", "type": "int8", "fields": [] }""")]
    [InlineData(6, "has the name of a type", """{ "name": "Topics", "type": "Topics[]", "fields": [{ "name": "B", "type": "int8" }] }""")]
    [InlineData(6, "struct B is defined twice", """{ "name": "X", "type": "B", "fields": [] }, { "name": "Y", "type": "B", "fields": [] }""")]
    [InlineData(6, "only in 1-2", """{ "name": "X", "type": "B", "versions": "1+", "fields": [] }, { "name": "Y", "type": "B" }""")]
    [InlineData(6, "\"type\" is missing", """{ "name": "A" }""")]
    [InlineData(6, "must be text", """{ "name": 1, "type": "int8" }""")]
    [InlineData(7, "is not used", """
        ], "structs": [
        { "name": "B", "fields": [] }
        """)]
    public void A_mistake_is_reported_at_its_line(int line, string message, string fields)
    {
        string spec = $$"""
            {
              "kind": "data",
              "name": "Example",
              "versions": "0-2", "flexible": "2+",
              "fields": [
                {{fields}}
              ]
            }
            """;

        Diagnostic problem = Assert.Single(new GeneratorRun(("specs/Example.json", spec)).Diagnostics);

        Assert.Contains(message, problem.GetMessage(), StringComparison.Ordinal);
        Assert.Equal(DiagnosticSeverity.Error, problem.Severity);
        Assert.Equal("KCB001", problem.Id);
        Assert.Equal("specs/Example.json", problem.Location.GetLineSpan().Path);
        Assert.Equal(line, problem.Location.GetLineSpan().StartLinePosition.Line + 1);
    }

    [Theory]
    [InlineData(1, "ends too early", "{")]
    [InlineData(1, "holds one object", "[]")]
    [InlineData(2, "after the end", "{ \"kind\": \"data\" }\n{}")]
    [InlineData(2, "':' is expected", "{\n\"kind\" 1 }")]
    [InlineData(2, "without closing quote", "{\n\"kind }")]
    [InlineData(1, "occurs twice", "{ \"kind\": 1, \"kind\": 2 }")]
    [InlineData(1, "unknown kind \"x\"", "{ \"kind\": \"x\" }")]
    [InlineData(1, "a value is expected", "{ \"kind\": ? }")]
    [InlineData(1, "in quotes is expected", "{ kind: 1 }")]
    [InlineData(1, "unknown escape", "{ \"kind\": \"\\x\" }")]
    [InlineData(2, "unknown listener \"zk\"", "{ \"kind\": \"rpc\", \"name\": \"A\", \"key\": 1, \"versions\": \"0\", \"flexible\": \"none\",\n\"listeners\": [\"zk\"], \"request\": { \"fields\": [] }, \"response\": { \"fields\": [] } }")]
    [InlineData(1, "must be a whole number", "{ \"kind\": \"rpc\", \"name\": \"A\", \"key\": 1.5, \"versions\": \"0\" }")]
    [InlineData(1, "unknown log \"x\"", "{ \"kind\": \"coordinator\", \"name\": \"A\", \"key\": 1, \"log\": \"x\" }")]
    public void A_malformed_file_is_reported_at_its_line(int line, string message, string text)
    {
        Diagnostic problem = Assert.Single(new GeneratorRun(("specs/Example.json", text)).Diagnostics);

        Assert.Contains(message, problem.GetMessage(), StringComparison.Ordinal);
        Assert.Equal(line, problem.Location.GetLineSpan().StartLinePosition.Line + 1);
    }
}

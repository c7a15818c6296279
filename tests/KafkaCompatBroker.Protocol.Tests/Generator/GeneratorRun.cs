using System.Collections.Immutable;
using KafkaCompatBroker.Protocol.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace KafkaCompatBroker.Protocol.Tests.Generator;

/// <summary>Runs the generator over spec texts outside of a build, and again after one of them changed.</summary>
internal sealed class GeneratorRun
{
    private readonly Dictionary<string, SpecText> _texts = [];
    private GeneratorDriver _driver;

    public GeneratorRun(params (string Path, string Text)[] specs)
    {
        foreach ((string path, string text) in specs)
        {
            _texts[path] = new SpecText(path, text);
        }

        _driver = CSharpGeneratorDriver.Create(
            [new ProtocolGenerator().AsSourceGenerator()],
            _texts.Values,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        Run();
    }

    public ImmutableArray<Diagnostic> Diagnostics => _driver.GetRunResult().Diagnostics;

    public Dictionary<string, string> Sources => _driver.GetRunResult().Results.Single().GeneratedSources
        .ToDictionary(source => source.HintName, source => source.SourceText.ToString());

    /// <summary>How many outputs were written anew in the last run.</summary>
    public int OutputsMadeAnew => _driver.GetRunResult().Results.Single().TrackedOutputSteps.Values
        .SelectMany(steps => steps)
        .SelectMany(step => step.Outputs)
        .Count(output => output.Reason is not (IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged));

    public void Replace(string path, string oldText, string newText)
    {
        var changed = new SpecText(path, _texts[path].Text.Replace(oldText, newText, StringComparison.Ordinal));
        _driver = _driver.ReplaceAdditionalText(_texts[path], changed);
        _texts[path] = changed;
        Run();
    }

    private void Run() => _driver = _driver.RunGenerators(CSharpCompilation.Create("specs"));

    private sealed class SpecText(string path, string text) : AdditionalText
    {
        public string Text => text;

        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}

using System.Collections.Immutable;
using System.Text;
using KafkaCompatBroker.Protocol.Generator.Emit;
using KafkaCompatBroker.Protocol.Generator.Spec;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace KafkaCompatBroker.Protocol.Generator;

/// <summary>Turns protocol-specs/**/*.json into message classes and tables. Only the pipeline is here.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class ProtocolGenerator : IIncrementalGenerator
{
    private static readonly DiagnosticDescriptor InvalidSpec = new(
        "KCB001", "Invalid protocol spec", "{0}", "Protocol", DiagnosticSeverity.Error, isEnabledByDefault: true);

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<SpecFile> files = context.AdditionalTextsProvider
            .Where(static text => text.Path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            .Select(static (text, token) => SpecParser.Parse(text.Path, text.GetText(token)?.ToString() ?? ""));

        context.RegisterSourceOutput(files, static (output, file) => Report(output, file.Diagnostics));
        context.RegisterSourceOutput(
            files.SelectMany(static (file, _) => file.Messages),
            static (output, message) => Add(output, message.Name, MessageEmitter.Emit(message)));

        context.RegisterSourceOutput(
            files.Where(static file => file.Api is not null).Select(static (file, _) => file.Api!).Collect(),
            static (output, apis) => EmitApis(output, Sorted(apis, static api => api.Key)));
        context.RegisterSourceOutput(
            files.Where(static file => file.Record is not null).Select(static (file, _) => file.Record!).Collect(),
            static (output, records) => EmitRecords(output, Sorted(records, static record => record.Key)));
        context.RegisterSourceOutput(
            files.SelectMany(static (file, _) => file.Errors).Collect(),
            static (output, errors) => EmitErrors(output, Sorted(errors, static error => error.Code)));
    }

    private static void EmitApis(SourceProductionContext output, List<ApiSpec> apis)
    {
        if (apis.Count > 0)
        {
            Add(output, "ApiKey", ApiTableEmitter.EmitKeys(apis));
            Add(output, "ApiTableEntries", ApiTableEmitter.EmitTable(apis));
        }
    }

    private static void EmitRecords(SourceProductionContext output, List<RecordSpec> records)
    {
        List<RecordSpec> metadata = records.FindAll(static record => record.Log == "metadata");
        if (metadata.Count > 0)
        {
            Add(output, "MetadataRecordTypes", RecordTableEmitter.EmitMetadata(metadata));
        }

        foreach (string log in new[] { "group", "share", "transaction" })
        {
            List<RecordSpec> ofLog = records.FindAll(record => record.Log == log);
            if (ofLog.Count > 0)
            {
                string name = char.ToUpperInvariant(log[0]) + log.Substring(1) + "RecordTypes";
                Add(output, name, RecordTableEmitter.EmitCoordinator(name, log, ofLog));
            }
        }
    }

    private static void EmitErrors(SourceProductionContext output, List<ErrorSpec> errors)
    {
        if (errors.Count > 0)
        {
            Add(output, "ErrorCode", ErrorCodeEmitter.Emit(errors));
        }
    }

    private static void Report(SourceProductionContext output, EquatableArray<SpecDiagnostic> problems)
    {
        foreach (SpecDiagnostic problem in problems)
        {
            var start = new LinePosition(problem.Line - 1, 0);
            var location = Location.Create(problem.Path, default, new LinePositionSpan(start, start));
            output.ReportDiagnostic(Diagnostic.Create(InvalidSpec, location, problem.Message));
        }
    }

    private static List<T> Sorted<T>(ImmutableArray<T> items, Func<T, int> key)
    {
        var list = new List<T>(items);
        list.Sort((left, right) => key(left).CompareTo(key(right)));
        return list;
    }

    private static void Add(SourceProductionContext output, string name, string code) =>
        output.AddSource(name + ".g.cs", SourceText.From(code, Encoding.UTF8));
}

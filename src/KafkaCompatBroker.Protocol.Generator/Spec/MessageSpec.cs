namespace KafkaCompatBroker.Protocol.Generator.Spec;

internal enum MessageRole
{
    Request,
    Response,
    MetadataRecord,
    CoordinatorKey,
    CoordinatorValue,
    Data,
    Header,
}

/// <summary>One message: becomes one class in one generated file. <see cref="Flexible"/> is the range of versions with compact encoding.</summary>
internal sealed record MessageSpec(
    string Name,
    MessageRole Role,
    int Key,
    VersionRange Versions,
    VersionRange Flexible,
    StructSpec Body,
    EquatableArray<StructSpec> Structs)
{
    public StructSpec? FindStruct(string name)
    {
        foreach (StructSpec item in Structs)
        {
            if (item.Name == name)
            {
                return item;
            }
        }

        return null;
    }
}

/// <summary>What the tables need to know of an API; kept apart so that a change of fields does not rebuild the tables.</summary>
internal sealed record ApiSpec(string Name, int Key, VersionRange Versions, VersionRange Unstable, VersionRange Flexible, string Listeners);

/// <summary>What the tables need to know of a record type of the metadata log or of a coordinator's log.</summary>
internal sealed record RecordSpec(string Log, string Name, int Key, VersionRange Versions);

internal sealed record ErrorSpec(string Name, int Code, bool Retriable, string Message);

internal sealed record SpecDiagnostic(string Path, int Line, string Message);

/// <summary>Everything one spec file says. Compared by value, so an edit that changes nothing stops the pipeline here.</summary>
internal sealed record SpecFile(
    string Path,
    EquatableArray<MessageSpec> Messages,
    ApiSpec? Api,
    RecordSpec? Record,
    EquatableArray<ErrorSpec> Errors,
    EquatableArray<SpecDiagnostic> Diagnostics);

namespace KafkaCompatBroker.Protocol.Tests.Generator;

/// <summary>A test that needs the specs of the reference: KAFKA_PROTOCOL_REFERENCE, or shared/protocol-reference beside the repository.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReferenceFactAttribute : FactAttribute
{
    public ReferenceFactAttribute()
    {
        if (Folder is null)
        {
            Skip = "KAFKA_PROTOCOL_REFERENCE is not set and ../shared/protocol-reference is not there";
        }
    }

    public static string? Folder { get; } = Find();

    private static string? Find()
    {
        string? folder = Environment.GetEnvironmentVariable("KAFKA_PROTOCOL_REFERENCE");
        for (var here = new DirectoryInfo(AppContext.BaseDirectory); folder is null && here is not null; here = here.Parent)
        {
            if (File.Exists(Path.Combine(here.FullName, "KafkaCompatBroker.sln")))
            {
                folder = Path.Combine(here.FullName, "..", "shared", "protocol-reference");
            }
        }

        return Directory.Exists(folder) ? folder : null;
    }
}

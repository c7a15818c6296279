namespace KafkaCompatBroker.Storage.Tests;

/// <summary>A directory that goes away with the test.</summary>
internal sealed class TestDirectory : IDisposable
{
    public TestDirectory() => Path = Directory.CreateTempSubdirectory("kcb-storage-").FullName;

    public string Path { get; }

    /// <summary>What a kill -9 at this moment leaves behind: the page cache as it is.</summary>
    public static TestDirectory CrashImageOf(string source)
    {
        var image = new TestDirectory();
        Copy(source, image.Path);
        return image;
    }

    public static void Copy(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (string file in Directory.GetFiles(source))
        {
            string name = System.IO.Path.GetFileName(file);
            if (name != ".lock" && !name.EndsWith(".tmp", StringComparison.Ordinal))
            {
                using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using FileStream to = File.Create(System.IO.Path.Combine(target, name));
                from.CopyTo(to);
            }
        }

        foreach (string directory in Directory.GetDirectories(source))
        {
            Copy(directory, System.IO.Path.Combine(target, System.IO.Path.GetFileName(directory)));
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

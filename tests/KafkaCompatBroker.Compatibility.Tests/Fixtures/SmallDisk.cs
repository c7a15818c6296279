using System.Diagnostics;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>A file system in memory that is soon full. Needs the right to mount.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(int megabytes)
    {
        Path = Directory.CreateTempSubdirectory("kafka-small-disk-").FullName;
        Assert.Equal(0, Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", Path));
    }

    /// <summary>Why no file system can be mounted here, or null.</summary>
    public static string? Impossible { get; } = CanMount() ? null : "mounting a tmpfs is not allowed here";

    public string Path { get; }

    /// <summary>Takes all room that is left.</summary>
    public static void Fill(string file)
    {
        using var filler = File.Create(file, bufferSize: 0);
        var block = new byte[1 << 16];
        try
        {
            while (true)
            {
                filler.Write(block);
            }
        }
        catch (IOException)
        {
            // Full, as wanted.
        }
    }

    public void Dispose()
    {
        Run("umount", "-l", Path);
        Directory.Delete(Path);
    }

    private static bool CanMount()
    {
        var directory = Directory.CreateTempSubdirectory("kafka-mount-").FullName;
        var mounted = Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", directory) == 0;
        if (mounted)
        {
            Run("umount", directory);
        }

        Directory.Delete(directory);
        return mounted;
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}

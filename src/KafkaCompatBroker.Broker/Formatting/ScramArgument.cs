using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>
/// A value of --add-scram (KIP-900): MECHANISM=[name=NAME,password=PASSWORD,...] with salt, iterations and saltedpassword if wanted; the
/// record keeps only what RFC 5802 lets a server keep.
/// </summary>
internal static class ScramArgument
{
    private const int IterationsMin = 4096;
    private const int IterationsMax = 16384;
    private const int SaltBytes = 24;

    /// <exception cref="FormatFailure">The text is no such credential.</exception>
    public static UserScramCredentialRecord Parse(string text)
    {
        text = text.Trim();
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0) throw new FormatFailure($"Failed to find equals sign in SCRAM argument '{text}'");
        var (mechanism, hash) = text[..equals] switch
        {
            "SCRAM-SHA-256" => ((sbyte)1, HashAlgorithmName.SHA256),
            "SCRAM-SHA-512" => ((sbyte)2, HashAlgorithmName.SHA512),
            var other => throw new FormatFailure($"The add-scram mechanism {other} is not supported."),
        };
        var parts = Parts(text[(equals + 1)..]);
        var name = Take(parts, "name") ?? throw new FormatFailure("You must supply 'name' to add-scram");
        var salt = Take(parts, "salt") is { } given ? Decode(given, "salt") : null;
        var iterations = Iterations(Take(parts, "iterations"));
        var (password, salted) = (Take(parts, "password"), Take(parts, "saltedpassword"));
        if (password is null && salted is null) throw new FormatFailure("You must supply one of 'password' or 'saltedpassword' to add-scram");
        if (password is null && salt is null) throw new FormatFailure("You must supply 'salt' with 'saltedpassword' to add-scram");
        if (parts.Count > 0) throw new FormatFailure($"Unknown SCRAM configurations: {string.Join(", ", parts.Keys.Order(StringComparer.Ordinal))}");
        CheckIterations(iterations, text[..equals].Replace('-', '_'));
        salt ??= RandomNumberGenerator.GetBytes(SaltBytes);
        var saltedPassword = password is null
            ? Decode(salted!, "saltedPassword")
            : Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, hash, mechanism == 1 ? 32 : 64);
        return Record(name, mechanism, salt, iterations, saltedPassword);
    }

    private static UserScramCredentialRecord Record(string name, sbyte mechanism, byte[] salt, int iterations, byte[] saltedPassword)
    {
        var clientKey = Authenticate(mechanism, saltedPassword, "Client Key");
        return new UserScramCredentialRecord
        {
            Name = name,
            Mechanism = mechanism,
            Salt = salt,
            StoredKey = mechanism == 1 ? SHA256.HashData(clientKey) : SHA512.HashData(clientKey),
            ServerKey = Authenticate(mechanism, saltedPassword, "Server Key"),
            Iterations = iterations,
        };
    }

    private static byte[] Authenticate(sbyte mechanism, byte[] key, string text) =>
        mechanism == 1 ? HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)) : HMACSHA512.HashData(key, Encoding.UTF8.GetBytes(text));

    private static Dictionary<string, string> Parts(string text)
    {
        if (!text.StartsWith('[')) throw new FormatFailure("Expected configuration string to start with [");
        if (!text.EndsWith(']')) throw new FormatFailure("Expected configuration string to end with ]");
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text[1..^1].Split(','))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) throw new FormatFailure($"No equals sign found in SCRAM component: {part}");
            var value = part[(equals + 1)..];
            parts[part[..equals]] = value.Length >= 2 && value[0] == '"' && value[^1] == '"' ? value[1..^1] : value;
        }
        return parts;
    }

    private static string? Take(Dictionary<string, string> parts, string key) => parts.Remove(key, out var value) ? value : null;

    private static int Iterations(string? text)
    {
        if (text is null) return IterationsMin;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var iterations)
            ? iterations
            : throw new FormatFailure($"Failed to parse iterations count: {text}");
    }

    private static void CheckIterations(int iterations, string mechanism)
    {
        if (iterations < IterationsMin) throw new FormatFailure($"The 'iterations' value must be >= {IterationsMin} for add-scram using {mechanism}");
        if (iterations > IterationsMax) throw new FormatFailure($"The 'iterations' value must be <= {IterationsMax} for add-scram using {mechanism}");
    }

    private static byte[] Decode(string text, string what)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw new FormatFailure($"Failed to decode given {what}: {text}");
        }
    }
}

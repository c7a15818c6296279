using KafkaCompatBroker.Host.Configuration;

namespace KafkaCompatBroker.Compatibility.Tests.HostUnits;

public sealed class JavaPropertiesTests
{
    [Theory]
    [InlineData("a=b", "a", "b")]
    [InlineData("a:b", "a", "b")]
    [InlineData("a b", "a", "b")]
    [InlineData("  a \t = \t b ", "a", "b ")]
    [InlineData("a==b", "a", "=b")]
    [InlineData("a = : b", "a", ": b")]
    [InlineData("a", "a", "")]
    [InlineData("a=", "a", "")]
    [InlineData("=b", "", "b")]
    [InlineData(@"a\=b=c", "a=b", "c")]
    [InlineData(@"a\ b=c", "a b", "c")]
    [InlineData(@"a\:b:c", "a:b", "c")]
    [InlineData(@"a=C\:\\data\\x", "a", @"C:\data\x")]
    [InlineData(@"a=1\t2\n3\r4\f5\q6", "a", "1\t2\n3\r4\f5q6")]
    [InlineData(@"a=\u00e9\u20AC", "a", "é€")]
    [InlineData("a=b # no comment", "a", "b # no comment")]
    [InlineData("a=b\\", "a", "b")]
    public void A_line_splits_as_in_Java(string line, string key, string value) =>
        Assert.Equal(new Dictionary<string, string> { [key] = value }, JavaProperties.Parse(line));

    [Theory]
    [InlineData("a=1,\\\n    2,\\\r\n  3", "1,2,3")]
    [InlineData("a=1\\\\\nb=2", "1\\")]
    [InlineData("a=1\\\n# 2", "1# 2")]
    [InlineData("a=1\\\n\nb=2", "1")]
    [InlineData("a\\\n=1", "1")]
    public void A_trailing_backslash_joins_lines(string text, string value) => Assert.Equal(value, JavaProperties.Parse(text)["a"]);

    [Theory]
    [InlineData("# a=b")]
    [InlineData("   ! a=b")]
    [InlineData("# ends with a backslash \\")]
    [InlineData("\r\n\n \t\f\n")]
    [InlineData("")]
    public void Comments_and_blank_lines_hold_nothing(string text) => Assert.Empty(JavaProperties.Parse(text));

    [Fact]
    public void A_comment_is_not_continued() => Assert.Equal("b", JavaProperties.Parse("# comment \\\na=b")["a"]);

    [Fact]
    public void The_last_of_equal_keys_wins() => Assert.Equal("2", JavaProperties.Parse("a=1\rb=3\ra=2")["a"]);

    [Theory]
    [InlineData(@"a=\u12")]
    [InlineData(@"a=\u12g4")]
    [InlineData(@"a=\u+123")]
    public void A_broken_unicode_escape_is_refused(string text) => Assert.Throws<FormatException>(() => JavaProperties.Parse(text));
}

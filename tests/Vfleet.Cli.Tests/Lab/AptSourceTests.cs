using Vfleet.Cli.Lab;
using Vfleet.Cli.Lab.Image;

namespace Vfleet.Cli.Tests.Lab;

public sealed class AptSourceTests
{
    private const string Deb822 = """
        Types: deb
        # a comment inside
        URIs: http://mirror.example/debian
        Suites: bookworm bookworm-updates
        Components: main contrib
        Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

        Types: deb-src
        URIs: http://mirror.example/debian
        Suites: bookworm
        Components: main

        Types: deb
        URIs: http://elsewhere.example/tool
        Suites: nodistro
        Components: main
        Enabled: no
        """;

    [Fact]
    public void Unit_deb822_keeps_binary_sources_and_their_options()
    {
        AptSource source = Assert.Single(AptSourceParser.ParseDeb822(Deb822));

        Assert.Equal(["http://mirror.example/debian"], source.Uris);
        Assert.Equal(["bookworm", "bookworm-updates"], source.Suites);
        Assert.Equal(["main", "contrib"], source.Components);
        Assert.Equal("Signed-By", Assert.Single(source.Options).Key);
    }

    [Fact]
    public void Unit_a_key_written_into_the_stanza_stays_whole()
    {
        AptSource source = Assert.Single(AptSourceParser.ParseDeb822(
            "Types: deb\nURIs: http://m.example\nSuites: bookworm\nComponents: main\nSigned-By:\n -----BEGIN-----\n .\n abc\n"));

        Assert.Contains("Signed-By: \n -----BEGIN-----\n .\n abc\n", source.ToStanza(), StringComparison.Ordinal);
    }

    [Fact]
    public void Unit_lines_keep_options_under_their_deb822_names()
    {
        AptSource[] sources = [.. AptSourceParser.ParseList("""
            # deb http://off.example bookworm main
            deb [arch=amd64,i386 signed-by=/k.gpg] http://mirror.example/debian bookworm main # why
            deb-src http://mirror.example/debian bookworm main
            deb	http://mirror.example/debian	bookworm-backports	main
            deb [broken
            """)];

        Assert.Equal(2, sources.Length);
        Assert.Equal(new KeyValuePair<string, string>("Architectures", "amd64 i386"), sources[0].Options[0]);
        Assert.Equal(new KeyValuePair<string, string>("Signed-By", "/k.gpg"), sources[0].Options[1]);
        Assert.Equal(["bookworm-backports"], sources[1].Suites);
    }

    [Fact]
    public void Unit_backports_come_from_the_mirror_the_machine_uses()
    {
        AptSource[] configured =
        [
            new(["https://third.example"], ["nodistro"], ["main"], []),
            new(["http://mirror.example/debian"], ["bookworm", "bookworm-updates"], ["main"], [new("Signed-By", "/k.gpg")]),
            new(["http://mirror.example/security"], ["bookworm-security"], ["main"], []),
        ];

        DebianSources derived = DebianSources.Derive(configured, "bookworm");

        Assert.Equal("bookworm-backports", derived.Backports);
        Assert.Contains(
            "URIs: http://mirror.example/debian\nSuites: bookworm-backports\nComponents: main\nSigned-By: /k.gpg\n", derived.Stanzas, StringComparison.Ordinal);
        Assert.Contains("bookworm-security", derived.Stanzas, StringComparison.Ordinal);
        Assert.DoesNotContain("third.example", derived.Stanzas, StringComparison.Ordinal);
    }

    [Fact]
    public void Unit_configured_backports_are_not_added_twice()
    {
        AptSource[] configured = [new(["http://m.example"], ["bookworm", "bookworm-backports"], ["main"], [])];

        Assert.Single(DebianSources.Derive(configured, "bookworm").Stanzas.Split("URIs:")[1..]);
    }

    [Fact]
    public void Unit_a_machine_without_debian_sources_is_told_so()
    {
        LabException e = Assert.Throws<LabException>(() => DebianSources.Derive([new(["http://m.example"], ["jammy"], ["main"], [])], "bookworm"));

        Assert.Contains("bookworm", e.Fault.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1:10.0.2+ds-2+deb13u1~bpo12+1", 10)]
    [InlineData("1:7.2+dfsg-7", 7)]
    [InlineData("nonsense", 0)]
    public void Unit_major_versions_of_packages(string version, int major) => Assert.Equal(major, HostTools.MajorOf(version));

    [Fact]
    public void Unit_kernels_are_ordered_by_number_and_only_the_plain_flavour_counts()
    {
        string[] names =
        [
            "linux-image-6.12.95+deb12-amd64", "linux-image-6.12.117+deb12-amd64", "linux-image-6.12.90+deb12.1-amd64",
            "linux-image-6.12.117+deb12-cloud-amd64", "linux-image-6.12.117+deb12-amd64-unsigned", "linux-image-6.12-amd64",
        ];

        Assert.Equal(["6.12.117+deb12-amd64", "6.12.95+deb12-amd64", "6.12.90+deb12.1-amd64"], KernelPackages.NewestFirst(names));
    }
}

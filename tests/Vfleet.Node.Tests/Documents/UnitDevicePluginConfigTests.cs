using Vfleet.Node.Documents;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Tests.Documents;

public sealed class UnitDevicePluginConfigTests
{
    [Fact]
    public void EverySelectorIsRead()
    {
        DevicePluginConfig config = DevicePluginConfig.Read("config.json", """
            {"resourceList": [{
              "resourceName": "fast", "resourcePrefix": "example.com", "deviceType": "netDevice", "excludeTopology": true,
              "additionalInfo": {"*": {"token": "x"}, "0000:3b:02.1": {"port": "1"}},
              "selectors": {
                "vendors": ["8086"], "devices": ["154C"], "drivers": ["iavf", "vfio-pci"], "pciAddresses": ["0000:3b:02.0"],
                "pfNames": ["eth0#0,2-7,9"], "rootDevices": ["0000:3b:00.0#1-2"], "linkTypes": ["ether"], "acpiIndexes": ["101"],
                "ddpProfiles": ["GTPv1-C/U IPv4/IPv6 payload"], "pKeys": ["0x0001"], "isRdma": true, "needVhostNet": true
              }}]}
            """);
        Assert.Empty(config.Problems);
        DevicePluginResource resource = Assert.Single(config.Resources);
        Assert.Equal(("example.com", DevicePluginDeviceType.NetDevice, true, true),
            (resource.Prefix, resource.DeviceType, resource.ExcludesTopology, resource.NeedsVhostNet));
        Assert.Equal(("x", "1"), (resource.AdditionalInfo["*"]["token"], resource.AdditionalInfo["0000:3b:02.1"]["port"]));
        Assert.Equal(("fast", "config.json resourceList[0]", null), (resource.Pool.Name, resource.Pool.Origin, resource.Pool.Driver));
        VfSelector selector = Assert.Single(resource.Pool.Selectors);
        Assert.Equal(["8086", "154c", "iavf", "vfio-pci", "0000:3b:02.0", "ether"],
            selector.Vendors.Concat(selector.Devices).Concat(selector.Drivers).Concat(selector.PciAddresses).Concat(selector.LinkTypes));
        Assert.Equal(["eth0#0,2-7,9", "0000:3b:00.0#1-2"], selector.PfNames.Concat(selector.RootDevices).Select(part => part.ToString()));
        Assert.Equal(["acpiIndexes=101", "ddpProfiles=GTPv1-C/U IPv4/IPv6 payload", "pKeys=0x0001", "isRdma=true"], selector.Unanswerable);
        Assert.Contains(config.Notes,
            note => note.Message.StartsWith("resourceList[0].selectors matches nothing: acpiIndexes=101", StringComparison.Ordinal));
    }

    [Fact]
    public void SelectorsMayBeAList()
    {
        DevicePluginConfig config = Read(
            """{"resourceName": "a", "selectors": [{"vendors": ["8086"]}, {"isRdma": true}, {"vdpaType": "vhost"}]}""");
        Assert.Empty(config.Problems);
        Assert.Equal([0, 1, 1], config.Pools[0].Selectors.Select(selector => selector.Unanswerable.Count));
    }

    [Fact]
    public void PoolsKeepTheOrderOfTheFile() =>
        Assert.Equal(
            ["b", "a"],
            Read("""{"resourceName": "b", "selectors": {}}, {"resourceName": "a", "selectors": {}}""").Pools.Select(pool => pool.Name));

    [Fact]
    public void UnknownKeysAreIgnoredAndToldAndNamesAreOfAnyCase()
    {
        DevicePluginConfig config = DevicePluginConfig.Read(
            "config.json",
            """{"ResourceList": [{"RESOURCENAME": "a", "colour": 1, "selectors": {"vendor": ["8086"], "IsRdma": false}}], "x": 1}""");
        Assert.Empty(config.Problems);
        Assert.Empty(config.Pools[0].Selectors[0].Unanswerable);
        Assert.Equal(
            ["unknown field x is ignored", "unknown field resourceList[0].colour is ignored",
                "unknown field resourceList[0].selectors.vendor is ignored; did you mean vendors?"],
            config.Notes.Select(note => note.Message));
    }

    [Theory]
    [InlineData("""{"resourceName": "a/b", "selectors": {}}""", "resourceList[0].resourceName: \"a/b\" is not 1 to 63 of a-z A-Z 0-9 _ -")]
    [InlineData("""{"selectors": {}}""", "resourceList[0].resourceName is missing")]
    [InlineData("""{"resourceName": "a"}""", "resourceList[0].selectors is missing or empty")]
    [InlineData("""{"resourceName": "a", "selectors": []}""", "resourceList[0].selectors is missing or empty")]
    [InlineData("""{"resourceName": "a", "selectors": "x"}""",
        "resourceList[0].selectors: a selector or a list of them was expected, and here is the text \"x\"")]
    [InlineData("""{"resourceName": "a", "selectors": {"isRdma": true, "vdpaType": "virtio"}}""",
        "resourceList[0].selectors: isRdma and vdpaType exclude each other")]
    [InlineData("""{"resourceName": "a", "selectors": {"vdpaType": "x"}}""",
        "resourceList[0].selectors.vdpaType: \"x\" is none of virtio, vhost")]
    [InlineData("""{"resourceName": "a", "selectors": [{"vendors": [8086]}]}""",
        "resourceList[0].selectors[0].vendors[0]: text was expected, and here is the number 8086")]
    [InlineData("""{"resourceName": "a", "selectors": {"pciAddresses": ["x"]}}""",
        "resourceList[0].selectors.pciAddresses[0]: \"x\" is no PCI address")]
    [InlineData("""{"resourceName": "a", "deviceType": "auxNetDevice", "selectors": {}}""",
        "resourceList[0].selectors.auxTypes is missing")]
    [InlineData("""{"resourceName": "a", "deviceType": "netdevice", "selectors": {}}""",
        "resourceList[0].deviceType: \"netdevice\" is none of netDevice, accelerator, auxNetDevice")]
    public void AResourceWithAProblemIsLeftOutAndTheOthersStay(string resource, string message)
    {
        DevicePluginConfig config = Read($$$"""{{{resource}}}, {"resourceName": "good", "selectors": {}}""");
        Assert.Equal(message, Assert.Single(config.Problems).Message);
        Assert.Equal("good", Assert.Single(config.Pools).Name);
    }

    [Fact]
    public void TwoResourcesOfOneNameAreTold()
    {
        Assert.Equal("resourceList[1].resourceName: a is there twice",
            Assert.Single(Read("""{"resourceName": "a", "selectors": {}}, {"resourceName": "a", "selectors": {}}""").Problems).Message);
        Assert.Equal("resourceList[1].resourceName: a is there with another prefix, and a pool's name has none",
            Assert.Single(Read(
                """{"resourceName": "a", "selectors": {}}, {"resourceName": "a", "resourcePrefix": "b", "selectors": {}}""")
                .Problems).Message);
    }

    [Theory]
    [InlineData("accelerator", "{}", "deviceType=accelerator")]
    [InlineData("auxNetDevice", """{"auxTypes": ["sf"]}""", "deviceType=auxNetDevice")]
    public void OtherSortsOfDevicesMatchNothing(string type, string selector, string unanswerable) =>
        Assert.Contains(
            unanswerable,
            Read($$$"""{"resourceName": "a", "deviceType": "{{{type}}}", "selectors": {{{selector}}}}""")
                .Pools[0].Selectors[0].Unanswerable);

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("{}", "resourceList is missing")]
    [InlineData("[]", "a document: an object was expected, and here is a list")]
    [InlineData("""{"resourceList": {}}""", "resourceList: a list was expected, and here is an object")]
    public void AFileThatIsNoConfigurationIsTold(string text, string message) =>
        Assert.Equal(message, Assert.Single(DevicePluginConfig.Read("config.json", text).Problems).Message);

    [Fact]
    public void OfAKeyThatIsThereTwiceTheLastCounts()
    {
        DevicePluginConfig config = Read("""{"resourceName": "a", "resourceName": "b", "selectors": {}}""");
        Assert.Equal("b", config.Pools[0].Name);
        Assert.Equal("resourceName is written twice, first in line 1; the last one counts", Assert.Single(config.Notes).Message);
    }

    private static DevicePluginConfig Read(string resources) =>
        DevicePluginConfig.Read("config.json", $$"""{"resourceList": [{{resources}}]}""");
}

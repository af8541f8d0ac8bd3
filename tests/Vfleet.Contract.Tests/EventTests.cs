using Vfleet.Linux;
using Vfleet.Linux.Events;
using Vfleet.Linux.Route;

namespace Vfleet.Contract.Tests;

public sealed class EventTests : IgbContract
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [ContractFact]
    public async Task New_vfs_announce_themselves_in_order_and_the_port_says_it_changed()
    {
        using EventStream<Uevent> events = KernelEvents.WatchUevents(Kernel).Value;
        CreateVfs(2);
        List<string> seen = await ReadAsync(events, uevent => Describe(uevent, "pci"), $"Change {Pf}");
        // A VF changes when its links to and from its PF are made, after it was added.
        Assert.Equal([$"Add {Vf(0)}", $"Change {Vf(0)}", $"Add {Vf(1)}", $"Change {Vf(1)}", $"Change {Pf}"], seen);
    }

    [ContractFact]
    public async Task Vfs_that_go_say_so()
    {
        CreateVfs(2);
        using EventStream<Uevent> events = KernelEvents.WatchUevents(Kernel).Value;
        Answer.Done(WritePf("sriov_numvfs", "0"));
        // The port itself says nothing when its VFs go.
        Assert.Equal([$"Remove {Vf(0)}", $"Remove {Vf(1)}"], await ReadAsync(events, uevent => Describe(uevent, "pci"), $"Remove {Vf(1)}"));
    }

    [ContractFact]
    public async Task A_driver_that_is_bound_and_taken_off_is_announced()
    {
        CreateVfs(1);
        using EventStream<Uevent> events = KernelEvents.WatchUevents(Kernel).Value;
        Bind(0, "vfio-pci");
        Answer.Done(Drivers.Unbind(Vf(0)));
        Assert.Equal([$"Bind {Vf(0)}", $"Unbind {Vf(0)}"], await ReadAsync(events, uevent => Describe(uevent, "pci"), $"Unbind {Vf(0)}"));
    }

    [ContractFact]
    public async Task An_interface_that_comes_goes_and_changes_is_announced_to_its_namespace()
    {
        using EventStream<LinkEvent> events = KernelEvents.WatchLinks(Kernel).Value;
        LinkInfo link = (await CreateNativeAsync(1))[0];
        using NetworkNamespace blue = Kernel.CreateNamespace(Blue).Value;
        Answer.Done(await ChangeLinkAsync(link, new LinkChange { Namespace = blue }));
        List<string> seen = await ReadAsync(events, one => one.Index == link.Index ? one.Removed ? "gone" : "there" : null, "gone");
        Assert.Equal("there", seen[0]);
    }

    private static string? Describe(Uevent uevent, string subsystem) => uevent.Subsystem == subsystem ? $"{uevent.Action} {Path.GetFileName(uevent.DevicePath)}" : null;

    /// <summary>The events of interest up to the one that ends it.</summary>
    private static async Task<List<string>> ReadAsync<T>(EventStream<T> events, Func<T, string?> describe, string end)
        where T : class
    {
        List<string> seen = [];
        using CancellationTokenSource late = new(Deadline);
        try
        {
            await foreach (KernelEvent<T> one in events.WithCancellation(late.Token))
            {
                if (one.Value is not null && describe(one.Value) is { } line)
                    seen.Add(line);
                if (seen.LastOrDefault() == end)
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"no \"{end}\" after: {string.Join(", ", seen)}");
        }
        return seen;
    }
}

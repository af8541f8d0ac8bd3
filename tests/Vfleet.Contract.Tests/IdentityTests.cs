using Vfleet.Linux;

namespace Vfleet.Contract.Tests;

public sealed class IdentityTests : IgbContract
{
    [ContractFact]
    public void A_cookie_belongs_to_the_namespace_by_whatever_path()
    {
        using NetworkNamespace made = Kernel.CreateNamespace(Blue).Value;
        using NetworkNamespace named = Kernel.OpenNamespace($"/run/netns/{Blue}").Value;
        using NetworkNamespace own = Kernel.OpenNamespace("/proc/self/ns/net").Value;
        Assert.NotNull(made.Cookie);
        Assert.Equal(made.Cookie, named.Cookie);
        Assert.NotEqual(made.Cookie, own.Cookie);
    }

    [ContractFact]
    public void A_cookie_is_never_given_twice_while_inodes_are()
    {
        const int Times = 40;
        HashSet<ulong?> cookies = [];
        HashSet<ulong> inodes = [];
        for (int i = 0; i < Times; i++)
        {
            using (NetworkNamespace made = Kernel.CreateNamespace(Blue).Value)
            {
                Assert.True(cookies.Add(made.Cookie));
                inodes.Add(made.Inode);
            }
            Answer.Done(Kernel.DeleteNamespace(Blue));
        }
        Assert.True(inodes.Count < Times, $"{inodes.Count} inodes");
    }

    [ContractFact]
    public void A_process_has_a_start_and_a_number_without_a_process_has_none()
    {
        Assert.NotNull(ProcessIdentity.Read(Files, 1).Value);
        Assert.Null(ProcessIdentity.Read(Files, 4194999).Value);
    }

    [ContractFact]
    public void The_boot_has_an_id() => Assert.True(Guid.TryParse(Files.ReadText("/proc/sys/kernel/random/boot_id").Value, out _));
}

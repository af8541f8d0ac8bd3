using Vfleet.Linux.Route;

namespace Vfleet.Linux.Real;

/// <summary>Named network namespaces as ip-netns(8) keeps them: bind mounts below /run/netns.</summary>
internal static class NamedNamespaces
{
    public const string Folder = "/run/netns";

    /// <summary>Equivalent to <c>ip netns add NAME</c>, with the loopback interface up.</summary>
    public static Outcome<NetworkNamespace> Create(LinuxKernel kernel, string name)
    {
        if (InterfaceName.CheckNamespace(name) is { } wrong)
            return wrong;
        string path = $"{Folder}/{name}";
        Outcome<Unit> prepared = PrepareFolder();
        if (prepared.Fault is not null)
            return prepared.Fault;
        int descriptor = Native.Open(path, Native.OpenCreate | Native.OpenExclusive | Native.OpenCloexec, 0);
        if (descriptor < 0)
        {
            return Native.LastError == Errno.EEXIST
                ? Fault.Refused($"namespace {name} exists already", remedy: $"use it, or remove it with `ip netns delete {name}`", target: name) with { Errno = Errno.EEXIST }
                : Fault.FromErrno(Native.LastError, $"ip netns add {name}", name);
        }
        _ = Native.Close(descriptor);
        Outcome<Unit> mounted = RealNetworkNamespace.OnOwnThread<Unit>(() =>
            Native.Unshare(Native.CloneNewNet) != 0
            || Native.Mount("/proc/thread-self/ns/net", path, "none", Native.MountBind, 0) != 0
                ? Fault.FromErrno(Native.LastError, $"ip netns add {name}", name)
                : Unit.Done);
        if (mounted.Fault is not null)
        {
            File.Delete(path);
            return mounted.Fault;
        }
        return LoopbackUp(kernel, path);
    }

    /// <summary>Equivalent to <c>ip netns delete NAME</c>.</summary>
    public static Outcome<Unit> Delete(string name)
    {
        if (InterfaceName.CheckNamespace(name) is { } wrong)
            return wrong;
        string path = $"{Folder}/{name}";
        if (Native.Access(path, 0) != 0)
            return Fault.NotFound($"no namespace {name}", "see `ip netns list`", name);
        // EINVAL: the file is no mount point, as after a crash between its creation and the mount; removing it is all there is to do.
        if (Native.Unmount(path, Native.UnmountDetach) != 0 && Native.LastError != Errno.EINVAL)
            return Fault.FromErrno(Native.LastError, $"ip netns delete {name}", name);
        File.Delete(path);
        return Unit.Done;
    }

    private static Outcome<Unit> PrepareFolder()
    {
        try
        {
            Directory.CreateDirectory(Folder);
        }
        catch (UnauthorizedAccessException)
        {
            // The runtime's only way to say EACCES.
            return Fault.FromErrno(Errno.EACCES, $"mkdir {Folder}", Folder);
        }
        // Shared, so that a namespace made here is seen in every mount namespace, as ip-netns(8) does it.
        if (Native.Mount("", Folder, "none", Native.MountShared | Native.MountRecursive, 0) == 0)
            return Unit.Done;
        if (Native.LastError != Errno.EINVAL)
            return Fault.FromErrno(Native.LastError, $"mount --make-rshared {Folder}", Folder);
        return Native.Mount(Folder, Folder, "none", Native.MountBind | Native.MountRecursive, 0) != 0
            || Native.Mount("", Folder, "none", Native.MountShared | Native.MountRecursive, 0) != 0
                ? Fault.FromErrno(Native.LastError, $"mount --make-rshared {Folder}", Folder)
                : Unit.Done;
    }

    private static Outcome<NetworkNamespace> LoopbackUp(LinuxKernel kernel, string path)
    {
        Outcome<NetworkNamespace> opened = kernel.OpenNamespace(path);
        if (!opened.Try(out NetworkNamespace? created, out Fault? fault))
            return fault;
        Outcome<RouteClient> route = RouteClient.Open(kernel, created);
        if (!route.Try(out RouteClient? client, out fault))
            return fault;
        using (client)
        {
            // A netlink request without a dump is answered before send(2) returns, so this does not wait.
            const int Loopback = 1;
            Outcome<Unit> up = client.ChangeLinkAsync(Loopback, "lo", new LinkChange { Up = true }).AsTask().GetAwaiter().GetResult();
            return up.Fault is null ? Outcome<NetworkNamespace>.Of(created) : up.Fault;
        }
    }
}

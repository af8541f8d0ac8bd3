using Vfleet.Linux.Route;

namespace Vfleet.Linux.Real;

/// <summary>Named network namespaces as ip-netns(8) keeps them: bind mounts below /run/netns.</summary>
internal static class NamedNamespaces
{
    public const string Folder = "/run/netns";

    /// <summary>Equivalent to <c>ip netns add NAME</c>, with the loopback interface up. Where that fails, nothing is left behind.</summary>
    public static Outcome<NetworkNamespace> Create(IKernel kernel, string name)
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
                ? Fault.Refused(
                    $"namespace {name} exists already", remedy: $"use it, or remove it with `ip netns delete {name}`", target: name)
                    with { Errno = Errno.EEXIST }
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
        Outcome<NetworkNamespace> made = kernel.OpenNamespace(path);
        if (!made.Try(out NetworkNamespace? created, out Fault? fault))
            return Undo(name, fault);
        if (LoopbackUp(kernel, created).Try(out _, out fault))
            return made;
        created.Dispose();
        return Undo(name, fault);
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

    private static Fault Undo(string name, Fault fault) => Delete(name).Fault is { } stuck
        ? fault with { Cause = $"{fault.Cause ?? fault.Error}; and the namespace stayed behind: {stuck.Error}" }
        : fault;

    internal static Outcome<Unit> LoopbackUp(IKernel kernel, NetworkNamespace created)
    {
        if (!RouteClient.Open(kernel, created).Try(out RouteClient? client, out Fault? fault))
            return fault;
        using (client)
        {
            // A netlink request without a dump is answered before send(2) returns, so this does not wait.
            const int Loopback = 1;
            return client.ChangeLinkAsync(Loopback, "lo", new LinkChange { Up = true }).AsTask().GetAwaiter().GetResult();
        }
    }
}

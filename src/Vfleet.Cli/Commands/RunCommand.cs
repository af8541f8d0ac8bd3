using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Cli.Run;
using Vfleet.Cli.Session;
using Vfleet.Host.Attach;
using Vfleet.Linux;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet run</c>: a command with a VF in a network namespace of its own.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        Argument<string[]> argv = new("COMMAND")
        {
            Description = "The command and its arguments, after --",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> vf = new("--vf") { Description = "This VF and no other" };
        Option<bool> dhcp = new("--dhcp") { Description = "Get an IPv4 address by DHCP, with udhcpc, busybox or dhclient" };
        AttachOptions how = new();
        OwnerOptions owner = new();
        Command run = new("run", "Run a command with a VF in a network namespace of its own; the VF returns when it ends")
        {
            vf, dhcp, argv,
        };
        how.AddTo(run);
        owner.AddNamesTo(run);
        run.SetAction((parsed, cancel) => HostSession.RunWithCodeAsync(parsed, parsed.GetValue(GlobalOptions.Output)!, async session =>
        {
            string[] words = parsed.GetRequiredValue(argv);
            string? client = null;
            if (!how.ReadOrder(parsed).Try(out AttachOrder? order, out Fault? fault))
                return fault;
            if (how.Missing(parsed, parsed.GetValue(vf), "give --pool or --vf") is { } missing)
                return missing;
            // The parser takes an option that it does not know for the command.
            if (words[0].StartsWith('-'))
            {
                return Fault.Usage($"run has no option {words[0]}",
                    "see `vfleet run --help`; the command and its own options come after --", words[0]);
            }
            if (ProgramSearch.Check(words[0]) is { } wrong)
                return ErrorWriter.Report(wrong.Fault, session.Output.Format, wrong.ExitCode);
            if (parsed.GetValue(dhcp) && !Client(session.Kernel, order).Try(out client, out fault))
                return fault;
            if (!session.Kernel.CreatePrivateNamespace().Try(out IPrivateNamespace? space, out fault))
                return fault;
            using (space)
            {
                string name = owner.Name(parsed) ?? Path.GetFileName(words[0]);
                if (!OwnerIdentity.OfNamespace(session.Kernel, space.Path, name).Try(out Owner? whom, out fault))
                    return fault;
                order = order with { NamespacePath = space.Path };
                AllocationRequest request = how.ReadRequest(parsed, parsed.GetValue(vf), order, whom, owner.Tenant(parsed));
                return parsed.GetValue(GlobalOptions.DryRun)
                    ? await PlanAsync(session, request, order, words, cancel).ConfigureAwait(false)
                    : await new NamespaceRun(session, space, client).RunAsync(request, order, words, cancel).ConfigureAwait(false);
            }
        }));
        return run;
    }

    private static async Task<Outcome<int>> PlanAsync(
        HostSession session, AllocationRequest request, AttachOrder order, string[] words, CancellationToken cancel)
    {
        Outcome<AttachResult> planned = await HandOut.PlanAsync(session, request, order, cancel).ConfigureAwait(false);
        if (!planned.Try(out AttachResult? result, out Fault? fault))
            return fault;
        HandOut.Warn(result.Warnings);
        JsonObject json = HandOut.Json(result, null, dryRun: true);
        // Made for this look, and gone.
        json["namespace"] = null;
        json["command"] = new JsonArray([.. words.Select(word => (JsonNode)word)]);
        string command = string.Join(' ', words);
        session.Output.Done(
            $"{result.Vf} would be in a namespace of its own as {HandOut.Words(result)}, for {command}; nothing was changed", json);
        return 0;
    }

    /// <summary>The DHCP client, where its use makes sense.</summary>
    private static Outcome<string> Client(IKernel kernel, AttachOrder order)
    {
        if (order.Addresses.Any(address => address.Address.AddressFamily == AddressFamily.InterNetwork))
            return Fault.Usage("--dhcp gets the IPv4 address, and --address gives one", "leave one of them out");
        return kernel.IsSimulated
            ? Fault.Refused("nobody answers DHCP on a simulated machine", null, "give --address")
            : DhcpClient.Find();
    }
}

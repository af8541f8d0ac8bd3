using Vfleet.Simulation.Links;

namespace Vfleet.Simulation.Wire;

/// <summary>Packet sockets of all interfaces, and the way from one interface to the others. Runs under the machine's gate.</summary>
internal sealed class PacketHub(SimulatedMachine machine)
{
    private readonly List<SimulatedPacketSocket> _sockets = [];

    public void Join(SimulatedPacketSocket socket) => _sockets.Add(socket);

    public void Leave(SimulatedPacketSocket socket) => _sockets.Remove(socket);

    /// <summary>Sends a frame and everything it sets off: answers travel in the order they were made.</summary>
    public void Send(SimulatedLink from, byte[] frame)
    {
        Queue<(SimulatedLink From, byte[] Frame)> waiting = new([(from, frame)]);
        while (waiting.TryDequeue(out (SimulatedLink From, byte[] Frame) next))
        {
            foreach ((SimulatedLink to, byte[] arrived) in EmbeddedSwitch.Forward(machine, next.From, next.Frame))
            {
                foreach (SimulatedPacketSocket socket in _sockets.Where(socket => socket.Link == to))
                    socket.Deliver(arrived);
                if (IpResponder.Answer(to, arrived) is { } answer)
                    waiting.Enqueue((to, answer));
            }
        }
    }
}

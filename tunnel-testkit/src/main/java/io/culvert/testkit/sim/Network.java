package io.culvert.testkit.sim;

import io.culvert.frame.Frame;
import io.culvert.frame.FrameReader;
import io.culvert.frame.Packet;
import io.culvert.frame.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Opens sockets, knows which link they are for, and lets somebody listen who means no good. */
final class Network {
  /** A doomed socket breaks after at most so many packets of one direction. */
  private static final int DOOM = 6;

  private final Scenario scenario;
  private final VirtualTime time;
  private final SplittableRandom random;
  private final Consumer<String> log;

  /** The acceptor's links, by their ids. */
  private final Map<String, Driver> links = new HashMap<>();

  /** First messages of dialers that came to the acceptor or never will, and what followed. */
  private final List<byte[]> recordedResumes = new ArrayList<>();

  private final List<byte[]> recordedConfirms = new ArrayList<>();
  private SimulatedProcess acceptorProcess;
  private int sockets;
  private int doomedLeft;
  private int failingDialsLeft;

  /**
   * @param log what happens to sockets; null: nobody wants to know
   */
  Network(Scenario scenario, VirtualTime time, SplittableRandom random, Consumer<String> log) {
    this.scenario = scenario;
    this.time = time;
    this.random = random;
    this.log = log;
    this.acceptorProcess = new SimulatedProcess(time);
    this.doomedLeft = scenario.faults().doomed();
    this.failingDialsLeft = scenario.faults().failingDials();
  }

  SimulatedProcess acceptorProcess() {
    return acceptorProcess;
  }

  void connect(Side dialer, Side acceptor) {
    Reception reception = new Reception(acceptorProcess, acceptor.driver());
    SimulatedSocket socket = socket(dialer.driver(), reception);
    acceptor.connect(dialer, this, socket, log);
    dialer.connect(acceptor, this, socket, log);
    doom(socket);
  }

  private SimulatedSocket socket(
      SimulatedSocket.Callbacks dialerEnd, SimulatedSocket.Callbacks acceptorEnd) {
    return new SimulatedSocket(
        ++sockets,
        time,
        dialerEnd,
        acceptorEnd,
        scenario.fromDialer(),
        scenario.fromAcceptor(),
        random.split(),
        log);
  }

  /** Whether a dial comes to nothing. */
  boolean failsToConnect() {
    if (failingDialsLeft > 0 && random.nextBoolean()) {
      failingDialsLeft--;
      return true;
    }
    return false;
  }

  /** A socket of the dialer, which the acceptor's process has accepted. */
  SimulatedSocket open(Driver dialer) {
    SimulatedSocket socket = socket(dialer, new Reception(acceptorProcess, null));
    socket.note("open");
    doom(socket);
    return socket;
  }

  private void doom(SimulatedSocket socket) {
    if (doomedLeft > 0 && random.nextBoolean()) {
      doomedLeft--;
      socket.breakAfter(random.nextBoolean(), random.nextInt(DOOM), random.nextInt(3) == 0);
    }
  }

  void register(String id, Driver link) {
    links.put(id, link);
  }

  void forget(Driver link) {
    links.values().remove(link);
  }

  /** A new process takes the place of the acceptor's, and knows nothing. */
  void restartAcceptor() {
    acceptorProcess.die();
    acceptorProcess = new SimulatedProcess(time);
    links.clear();
  }

  /** Somebody sends what a dialer has sent before. */
  void copy() {
    if (recordedResumes.isEmpty()) {
      return;
    }
    Nobody nobody = new Nobody();
    SimulatedSocket socket = socket(nobody, new Reception(acceptorProcess, null));
    socket.markHostile();
    socket.note("a copy of a RESUME");
    socket.send(true, oneOf(recordedResumes), false);
    if (!recordedConfirms.isEmpty()) {
      socket.send(true, oneOf(recordedConfirms), false);
    }
    time.at(time.now() + random.nextLong(VirtualTime.SECONDS), () -> socket.cut("enough of it"));
  }

  private ByteBuffer oneOf(List<byte[]> recorded) {
    return ByteBuffer.wrap(recorded.get(random.nextInt(recorded.size())).clone());
  }

  private void record(ByteBuffer message, List<byte[]> to) {
    byte[] bytes = new byte[message.remaining()];
    message.duplicate().get(bytes);
    to.add(bytes);
  }

  private static Frame firstFrame(ByteBuffer message) {
    try {
      Packet packet = FrameReader.read(message.duplicate());
      return packet.frames().get(0);
    } catch (ProtocolException e) {
      throw new SimulationFailure("a packet that cannot be read", e);
    }
  }

  /** The acceptor's end of a socket: the first message says which link it is for. */
  private final class Reception implements SimulatedSocket.Callbacks {
    private final SimulatedProcess process;
    private SimulatedSocket.Callbacks target;

    /**
     * @param target null if the first message decides
     */
    Reception(SimulatedProcess process, SimulatedSocket.Callbacks target) {
      this.process = process;
      this.target = target;
    }

    @Override
    public void received(SimulatedSocket on, ByteBuffer message) {
      process.run(() -> decide(on, message));
    }

    @Override
    public void missed(SimulatedSocket on, ByteBuffer message) {
      if (!on.hostile() && firstFrame(message) instanceof Frame.Resume) {
        record(message, recordedResumes);
      }
    }

    private void decide(SimulatedSocket on, ByteBuffer message) {
      if (target != null) {
        if (firstFrame(message) instanceof Frame.Confirm && !on.hostile()) {
          record(message, recordedConfirms);
        }
        target.received(on, message);
        return;
      }
      Frame.Resume frame = (Frame.Resume) firstFrame(message);
      if (!on.hostile()) {
        record(message, recordedResumes);
      }
      Driver link = links.get(HexFormat.of().formatHex(frame.connectionId()));
      if (link != null && link.resume(on, message, frame)) {
        target = link;
      } else {
        target = new Stranger(time, random.split());
        target.received(on, message);
      }
    }

    @Override
    public void written(SimulatedSocket on, int bytes) {
      process.run(() -> target.written(on, bytes));
    }

    @Override
    public void lost(SimulatedSocket on, String reason) {
      process.run(
          () -> {
            if (target != null) {
              target.lost(on, reason);
            }
          });
    }
  }

  /** Does not listen. */
  private static final class Nobody implements SimulatedSocket.Callbacks {
    @Override
    public void written(SimulatedSocket socket, int bytes) {}

    @Override
    public void received(SimulatedSocket socket, ByteBuffer message) {}

    @Override
    public void lost(SimulatedSocket socket, String reason) {}
  }
}

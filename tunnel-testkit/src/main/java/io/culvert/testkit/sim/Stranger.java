package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.SimulationFailure.check;

import io.culvert.engine.Engine;
import io.culvert.engine.EngineConfig;
import io.culvert.engine.EngineEnd;
import io.culvert.engine.EngineEvents;
import io.culvert.frame.ErrorCode;
import io.culvert.stream.Stream;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** The new connection of a socket that resumes no link: it says so and goes. */
final class Stranger implements SimulatedSocket.Callbacks, EngineEvents {
  private final VirtualTime time;
  private final Engine engine;

  Stranger(VirtualTime time, SplittableRandom random) {
    this.time = time;
    this.engine = Engine.acceptor(EngineConfig.DEFAULT, random, this, time.now());
  }

  @Override
  public void received(SimulatedSocket socket, ByteBuffer message) {
    engine.receive(engine.socket(), message, time.now());
    EngineEnd end = engine.end();
    check(end != null, "a RESUME of an unknown link is not refused");
    check(end.code() == ErrorCode.UNKNOWN_CONNECTION, "an unknown link is refused as %s", end);
    for (ByteBuffer packet = engine.poll(time.now());
        packet != null;
        packet = engine.poll(time.now())) {
      socket.send(false, packet, false);
      socket.close(false);
    }
  }

  @Override
  public void written(SimulatedSocket socket, int bytes) {}

  @Override
  public void lost(SimulatedSocket socket, String reason) {}

  @Override
  public void ended(EngineEnd end) {}

  @Override
  public void established() {
    unexpected();
  }

  @Override
  public void welcoming(String connectionId) {
    unexpected();
  }

  @Override
  public void detached(String reason) {
    unexpected();
  }

  @Override
  public void resumeFailed(String reason) {
    unexpected();
  }

  @Override
  public void resumed(long outageNanos, int packets, long bytes) {
    unexpected();
  }

  @Override
  public void pinged(byte[] data) {
    unexpected();
  }

  @Override
  public void ponged(byte[] data, long roundTripNanos) {
    unexpected();
  }

  @Override
  public void peerGoingAway() {
    unexpected();
  }

  @Override
  public void opened(Stream stream) {
    unexpected();
  }

  @Override
  public void readable(Stream stream) {
    unexpected();
  }

  @Override
  public void writable(Stream stream) {
    unexpected();
  }

  @Override
  public void closed(Stream stream) {
    unexpected();
  }

  @Override
  public void mayOpen() {
    check(engine.end() != null, "streams may be opened on nothing");
  }

  private static void unexpected() {
    throw new SimulationFailure("a connection that never was has events");
  }
}
